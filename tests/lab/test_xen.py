# SPDX-License-Identifier: BSD-2-Clause
"""Guests of a real Xen on x86, and the kernel as its first domain."""

import pytest
import xen
from zirvium import SHELL_ONLY, Guest

ALL_TESTS = "selftest=all"

# What each guest must have seen at work, whatever it was booted by.
DEVICES = {"pv-console", "xenstore", "grant-table"}
GONE_SECONDS = 60.0


def xen_features(document: dict, state: str) -> set[str]:
    (found,) = (h for h in document["hypervisors"] if h["type"] == "xen")
    return {f["name"] for f in found["features"] if f[state]}


def assert_green(guest: Guest, leg, cpus: int) -> dict:
    """The self-tests passed at the prompt; what `virt --json` says then."""
    guest.wait_prompt()
    report = guest.report()
    assert report.ok, report.summary()
    assert report.passed
    assert all(report.skipped.values())  # each with its reason
    assert "Hypervisor: Xen" in guest.lines()
    assert cpus == 1 or f"smp: {cpus} CPUs, " in guest.machine.text
    document = guest.virt()
    assert document["type"] == "xen"
    leg.saw(document, cpus)
    return document


# Guests.


@pytest.mark.smoke
@pytest.mark.parametrize("cpus", [2, 1])
@pytest.mark.leg(hypervisor="Xen", path="PVH")
def test_pvh_guest_is_green(dom0, pvh, leg, cpus):
    leg.version = dom0.image.version
    guest = pvh(ALL_TESTS if cpus > 1 else xen.SOME_TESTS, vcpus=cpus)
    document = assert_green(guest, leg, cpus)
    assert xen_features(document, "verified") >= DEVICES
    guest.type("poweroff\r")
    dom0.wait_gone("guest", GONE_SECONDS)


@pytest.mark.parametrize("cpus", [2, 1])
@pytest.mark.leg(hypervisor="Xen", path="HVM, BIOS (ISO)")
def test_hvm_guest_is_green(dom0, hvm, leg, cpus):
    leg.version = dom0.image.version
    guest = hvm(vcpus=cpus)
    document = assert_green(guest, leg, cpus)
    assert xen_features(document, "verified") >= DEVICES
    guest.type("poweroff\r")
    dom0.wait_gone("guest", GONE_SECONDS)


@pytest.mark.parametrize("cpus", [2, 1])
@pytest.mark.leg(hypervisor="Xen", path="HVM, BIOS (ISO), viridian")
def test_hvm_guest_with_viridian_is_green(dom0, hvm, leg, cpus):
    leg.version = dom0.image.version
    guest = hvm(vcpus=cpus, viridian=["all"])
    document = assert_green(guest, leg, cpus)
    assert xen_features(document, "verified") >= DEVICES
    assert "hyperv" in [h["type"] for h in document["hypervisors"]]


@pytest.mark.parametrize("cpus", [2, 1])
@pytest.mark.leg(hypervisor="Xen", path="PVH as dom0")
def test_first_domain_is_green(start, xen_image, kernel, initrd, leg, cpus):
    leg.version = xen_image.version
    config = xen.first_domain(xen_image, kernel, initrd, xen.SOME_TESTS, cpus)
    guest = Guest(start(config))
    document = assert_green(guest, leg, cpus)
    assert "pv-console" in xen_features(document, "verified")
    guest.type("poweroff\r")
    # Told not to reboot, Xen stays where it is.
    guest.machine.expect(r"Dom0 halted: halting machine")


# The console.


@pytest.mark.leg(hypervisor="Xen", path="PVH")
def test_early_console_is_followed_by_the_real_one(pvh, leg):
    guest = pvh(f"{SHELL_ONLY} earlycon=xen initcall_debug").wait_prompt()
    text = guest.machine.text
    # Each line once, and in order, though the console changed in between.
    assert text.count("Booted by PVH") == 1
    assert text.count("xen-console: hvc0: ring") == 1
    assert "\nzirvium> " in text


@pytest.mark.leg(hypervisor="Xen", path="PVH")
def test_output_longer_than_the_ring_arrives_whole(pvh, leg):
    guest = pvh(SHELL_ONLY).wait_prompt()
    listed = guest.run("help params")
    assert len(listed) > 4096
    assert guest.run("help params") == listed
    assert "bytes lost" not in guest.machine.text


@pytest.mark.leg(hypervisor="Xen", path="PVH")
def test_line_longer_than_the_input_ring_arrives_whole(pvh, leg):
    guest = pvh(SHELL_ONLY).wait_prompt()
    # Several lines at once: more than the 1024 bytes of the ring.
    for number in range(100):
        guest.type(f"uptime {number}\r")
    guest.machine.expect(r"^zirvium> uptime 99\n")


# The store.


@pytest.mark.leg(hypervisor="Xen", path="PVH")
def test_texts_go_both_ways_through_the_store(dom0, pvh, leg):
    guest = pvh(SHELL_ONLY).wait_prompt()
    home = f"/local/domain/{dom0.domid('guest')}"
    guest.run("xenstore write data/hello from-the-guest")
    said = dom0.run("xenstore-read", f"{home}/data/hello")
    assert said == "from-the-guest\n"
    dom0.run("xenstore-write", f"{home}/data/hello", "from-the-host")
    assert guest.run("xenstore read data/hello") == "from-the-host\n"
    assert "hello\n" in guest.run("xenstore ls data")
    guest.type("xenstore watch data\r")
    guest.machine.expect(r"^data\n")
    dom0.run("xenstore-write", f"{home}/data/other", "1")
    guest.machine.expect(r"^data/other\n")
    guest.type("q").wait_prompt()


@pytest.mark.leg(hypervisor="Xen", path="PVH")
def test_toolstack_turns_the_guest_off(dom0, pvh, leg):
    guest = pvh(SHELL_ONLY).wait_prompt()
    dom0.run("xl", "shutdown", "guest")
    guest.machine.expect(r"xenstore asks to turn off this machine")
    dom0.wait_gone("guest", GONE_SECONDS)


@pytest.mark.leg(hypervisor="Xen", path="PVH")
def test_toolstack_reboots_the_guest(dom0, pvh, leg):
    guest = pvh(SHELL_ONLY, on_reboot="restart").wait_prompt()
    before = dom0.domid("guest")
    dom0.run("xl", "reboot", "guest")
    guest.machine.expect(r"xenstore asks to reset this machine")
    dom0.wait_for(lambda: dom0.domid("guest") not in (None, before))
    Guest(dom0.console("guest")).wait_prompt()


@pytest.mark.leg(hypervisor="Xen", path="PVH")
def test_suspending_is_refused_and_said(dom0, pvh, leg):
    guest = pvh(SHELL_ONLY).wait_prompt()
    home = f"/local/domain/{dom0.domid('guest')}"
    dom0.run("xenstore-write", f"{home}/control/shutdown", "suspend")
    guest.machine.expect(r"asked for 'suspend', which this kernel cannot do")
    assert "up " in guest.run("uptime")
    said = dom0.run("xenstore-read", f"{home}/control/shutdown")
    assert said == "suspend\n"
