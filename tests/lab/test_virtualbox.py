# SPDX-License-Identifier: BSD-2-Clause
"""Guests of VirtualBox, which interprets them: slow, and itself."""

import json
import os

import pytest
import virtualbox
from packages import Unavailable
from paths import LAB, LOGS
from zirvium import Guest

# Providers of paravirtualization, and whose interface each imitates.
PROVIDERS = {"none": [], "minimal": [], "hyperv": ["hyperv"], "kvm": ["kvm"]}

# Seconds: of all self-tests where somebody else works on this machine too.
BIOS_SECONDS = 280.0
EFI_SECONDS = 600.0


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


@pytest.mark.leg(hypervisor="VirtualBox", path="ISO, UEFI")
@pytest.mark.skipif(
    not os.environ.get("LAB_LONG"), reason="minutes; LAB_LONG=1 to have it"
)
def test_virtualbox_boots_by_uefi(boot_in_box, box, leg):
    guest = boot_in_box(
        "selftest=all", provider="kvm", uefi=True, timeout=EFI_SECONDS
    )
    check_green(guest, leg, box, "kvm")
