# SPDX-License-Identifier: BSD-2-Clause
"""Guests of VirtualBox, which interprets them: slow, and itself."""

import json
import os
import re
import time

import pytest
import virtualbox
from packages import Unavailable
from paths import LAB, LOGS
from zirvium import SHELL_ONLY, Guest

# Providers of paravirtualization, and whose interface each imitates.
PROVIDERS = {"none": [], "minimal": [], "hyperv": ["hyperv"], "kvm": ["kvm"]}

# Seconds: of all self-tests where somebody else works on this machine too.
BIOS_SECONDS = 560.0
EFI_SECONDS = 1200.0
SHELL_SECONDS = 560.0
TESTS_SECONDS = 60.0  # of one suite

# Found by their device, and what shows in any machine that they work.
VERIFIED = {"vmmdev", "vmmdev-events", "hgcm"}
ENABLED = VERIFIED | {"heartbeat", "free-pointer"}


@pytest.fixture(scope="session")
def box():
    try:
        return virtualbox.prepare(LAB)
    except Unavailable as error:
        pytest.skip(f"no lab for VirtualBox: {error}")


@pytest.fixture
def boot_in_box(request, box, make_iso):
    """boot_in_box(append, **config): a Guest that boots from an ISO."""
    machines = []

    def run(append: str = "", **options) -> Guest:
        options = {"timeout": BIOS_SECONDS, **options}
        config = virtualbox.Config(box, make_iso(append), **options)
        number = f".{len(machines) + 1}" if machines else ""
        log = LOGS / f"{request.node.name}{number}.log"
        machines.append(virtualbox.VirtualMachine(config, log))
        return Guest(machines[-1])

    yield run
    for machine in machines:
        machine.close()


def features_of(document: dict, kind: str) -> dict[str, dict]:
    """Features of the hypervisor of this type, by name."""
    (found,) = (h for h in document["hypervisors"] if h["type"] == kind)
    return {feature["name"]: feature for feature in found["features"]}


def check_green(guest, leg, box, provider: str):
    guest.wait_prompt()
    report = guest.report()
    assert report.ok, report.summary()
    assert report.passed
    assert all(report.skipped.values())  # each with its reason
    document = guest.virt()
    (primary,) = (h for h in document["hypervisors"] if h["primary"])
    assert primary["type"] == "virtualbox"
    others = [h["type"] for h in document["hypervisors"] if not h["primary"]]
    assert others == PROVIDERS[provider]
    features = features_of(document, "virtualbox")
    assert all(features[name]["enabled"] for name in ENABLED)
    assert all(features[name]["verified"] for name in VERIFIED)
    (guest.machine.files / "virt.json").write_text(json.dumps(document))
    leg.version = box.version
    leg.saw(document, cpus=guest.machine.config.smp)


@pytest.mark.parametrize(
    "provider",
    [
        pytest.param(
            name,
            marks=pytest.mark.leg(
                hypervisor="VirtualBox", path=f"ISO, BIOS, provider {name}"
            ),
        )
        for name in PROVIDERS
    ],
)
def test_virtualbox_is_named_and_self_tests_pass(
    boot_in_box, box, leg, provider
):
    guest = boot_in_box("selftest=all", provider=provider)
    check_green(guest, leg, box, provider)


@pytest.mark.leg(hypervisor="VirtualBox", path="ISO, BIOS, provider kvm")
def test_provider_s_kvm_services_work_on_two_cpus(boot_in_box, box, leg):
    suites = "selftest=kvm-calls,kvm-clock,spin,vmmdev"
    guest = boot_in_box(suites, provider="kvm", smp=2).wait_prompt()
    report = guest.report()
    assert report.ok, report.summary()
    document = guest.virt()
    features = features_of(document, "kvm")
    assert features["clocksource2"]["verified"]
    assert features["pv-unhalt"]["verified"]
    leg.version = box.version
    leg.saw(document, cpus=2)


@pytest.mark.leg(hypervisor="VirtualBox", path="ISO, UEFI")
@pytest.mark.skipif(
    not os.environ.get("LAB_LONG"), reason="minutes; LAB_LONG=1 to have it"
)
def test_virtualbox_boots_by_uefi(boot_in_box, box, leg):
    guest = boot_in_box(
        "selftest=all", provider="kvm", uefi=True, timeout=EFI_SECONDS
    )
    check_green(guest, leg, box, "kvm")


# What one machine at its prompt shows, and what its host knows of it.


@pytest.fixture(scope="module")
def shell(request, box, make_iso):
    config = virtualbox.Config(
        box, make_iso(SHELL_ONLY), provider="minimal", smp=2,
        timeout=SHELL_SECONDS,
    )
    log = LOGS / "virtualbox_shell.log"
    with virtualbox.VirtualMachine(config, log) as machine:
        yield Guest(machine).wait_prompt()


def vmmdev_passes(guest, *notes: str):
    """The suite passes, and says @notes."""
    said = guest.run("selftest vmmdev", TESTS_SECONDS)
    assert re.search(r"^# Totals: pass:7 fail:0 .* skip:0", said, re.MULTILINE)
    for note in notes:
        assert note in said


def test_host_knows_which_guest_this_is(shell):
    info = shell.machine.manage("showvminfo", virtualbox.NAME)
    assert re.search(r"^Additions run level: +1$", info, re.MULTILINE)
    assert re.search(r"^Additions version: +[\d.]+_Zirvium-", info, re.MULTILINE)
    assert '"VirtualBox Base Driver": active/running' in info


def test_shared_folder_is_seen_by_hgcm(shell):
    vmmdev_passes(shell, "0 shared folders")
    folder = ("--name", "lab", "--hostpath", "/lab", "--transient")
    shell.machine.manage("sharedfolder", "add", virtualbox.NAME, *folder)
    vmmdev_passes(shell, "1 shared folders")


def test_time_of_day_is_the_host_s(shell):
    assert abs(int(shell.run("date +%s")) - time.time()) < 30
    features = features_of(shell.virt(), "virtualbox")
    assert features["host-time"]["enabled"]


def test_device_can_be_given_up_and_taken_again(shell):
    (name,) = re.findall(r"^(\S+): VirtualBox [\d.]+ r\d+, features",
                         shell.run("vmmdev"), re.MULTILINE)
    assert "error" not in shell.run(f"unbind {name}")
    assert "no VirtualBox device here" in shell.run("vmmdev")
    assert "Heartbeat checking timer has been stopped" in (
        shell.machine.host_log()
    )
    assert "error" not in shell.run(f"bind {name} vmmdev")
    vmmdev_passes(shell)


def test_heart_beats(shell):
    def beats():
        return int(re.search(r"(\d+) sent", shell.run("vmmdev"))[1])

    before = beats()
    limit = time.monotonic() + TESTS_SECONDS
    while beats() < before + 2 and time.monotonic() < limit:
        time.sleep(0.5)
    assert beats() >= before + 2
    assert "unresponsive" not in shell.machine.host_log()


# The last one of those that share it.
def test_acpi_power_button_turns_the_machine_off(shell):
    machine = shell.machine
    machine.control("acpipowerbutton")
    machine.expect("the power button asks to turn off this machine")
    assert machine.wait_exit() == 0
    assert "Guest requests the VM to be turned off" in machine.host_log()


# Other ways to leave.


def test_machine_without_acpi_is_turned_off(boot_in_box):
    guest = boot_in_box(SHELL_ONLY, settings=("--acpi", "off")).wait_prompt()
    guest.type("poweroff\r")
    assert guest.machine.wait_exit() == 0
    assert "Guest requests the VM to be turned off" in guest.machine.host_log()


def test_panic_is_in_the_host_s_log(boot_in_box):
    guest = boot_in_box(SHELL_ONLY).wait_prompt()
    guest.type("panic the lab wanted it\r")
    guest.machine.expect(r"(?i)halted|panic.*the lab wanted it")
    limit = time.monotonic() + TESTS_SECONDS
    line = r"VMMDev: Guest Log: .*the lab wanted it"
    while not re.search(line, guest.machine.host_log()):
        assert time.monotonic() < limit, guest.machine.tail()
        time.sleep(0.2)


def test_screen_is_a_picture(boot_in_box, tmp_path):
    guest = boot_in_box(SHELL_ONLY).wait_prompt()
    guest.machine.screendump(tmp_path / "screen.png")
    assert (tmp_path / "screen.png").read_bytes().startswith(b"\x89PNG")
