# SPDX-License-Identifier: BSD-2-Clause
"""The host learns of panics and of orderly ends by pvpanic."""

import pytest
from machine import EXIT_POWEROFF
from zirvium import SHELL_ONLY

QEMU_1_FAILURE = 1
STOP_SECONDS = 20

PCI = ("-device", "pvpanic-pci")
ISA = ("-device", "pvpanic")
PCS = {
    "pci": {"extra": PCI},
    "isa-acpi": {"machine": "pc", "extra": ISA},
    "isa-fw-cfg": {"machine": "isapc", "extra": ISA},
    "both": {"extra": PCI + ISA},
}


def assert_told(guest):
    """One panic ends the machine, by QEMU's own rule, and is an event."""
    guest.type("panic\r")
    event = guest.machine.qmp.wait_event("GUEST_PANICKED", STOP_SECONDS)
    assert event["data"]["action"] in ("pause", "poweroff")
    assert guest.machine.wait_exit(STOP_SECONDS) == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == "guest-panic"
    # The report is complete by then.
    assert "end of panic" in guest.machine.text


@pytest.mark.parametrize("name", PCS)
def test_a_panic_is_an_event_on_a_pc(boot, name):
    guest = boot(SHELL_ONLY, **PCS[name]).wait_prompt()
    guest.run("selftest pvpanic")
    states = guest.run("virt").replace(" ", "")
    assert "pvpanicyesyesno" in states
    assert_told(guest)


def test_a_panic_is_an_event_on_arm64(boot_arm64):
    assert_told(boot_arm64(SHELL_ONLY, extra=PCI).wait_prompt())


def test_a_panic_of_all_cpus_is_an_event(boot):
    guest = boot(f"{SHELL_ONLY} panic=-1", smp=2, extra=PCI).wait_prompt()
    assert_told(guest)


def test_a_panic_can_be_the_exit_status(boot, boot_arm64):
    """Where a harness has neither isa-debug-exit nor semihosting."""
    for start in (boot, boot_arm64):
        extra = PCI + ("-action", "panic=exit-failure")
        guest = start(SHELL_ONLY, debug_exit=False, extra=extra).wait_prompt()
        guest.type("panic\r")
        assert guest.machine.wait_exit(STOP_SECONDS) == QEMU_1_FAILURE


def test_the_kernel_leaves_its_own_way_where_qemu_does_nothing(boot):
    extra = PCI + ("-action", "panic=none")
    guest = boot(f"{SHELL_ONLY} panic=-1", extra=extra).wait_prompt()
    guest.type("panic\r")
    assert guest.machine.wait_exit(STOP_SECONDS) == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == "guest-reset"
    assert [e for e in guest.machine.qmp.events
            if e["event"] == "GUEST_PANICKED"]


def test_device_that_was_unbound_is_told_nothing(boot):
    extra = ("-device", "pvpanic-pci,addr=0a")
    guest = boot(f"{SHELL_ONLY} panic=-1", extra=extra).wait_prompt()
    guest.run("unbind 0000:00:0a.0")
    guest.type("panic\r")
    assert guest.machine.wait_exit(STOP_SECONDS) == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == "guest-reset"


def test_device_without_events_is_not_used(boot):
    extra = ("-device", "pvpanic-pci,events=2")
    guest = boot(SHELL_ONLY, extra=extra).wait_prompt()
    assert "offers events 0x2: not used" in guest.run("dmesg")


@pytest.mark.parametrize("events", [3, 7])
def test_an_orderly_end_is_told_only_where_it_is_offered(boot, events):
    """QEMU before 9.1 does not know the event, and says so in its log."""
    extra = ("-device", f"pvpanic,events={events}", "-d", "guest_errors")
    guest = boot(SHELL_ONLY, extra=extra).wait_prompt()
    guest.type("poweroff\r")
    assert guest.machine.wait_exit(STOP_SECONDS) == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == "guest-shutdown"
    told = "unknown event" in guest.machine.stderr
    if events == 7 and not told:
        pytest.skip("this QEMU knows the event, and has nothing to say")
    assert told == (events == 7)


REGISTER = 0x47F00000
RAM_START = 0x40000000


@pytest.mark.parametrize("command, event", [("panic", 1), ("poweroff", 4)])
def test_a_register_in_memory_is_written(
        boot_arm64, arm64_dtb, host_memory, command, event):
    """QEMU has no such device before 9.2: memory stands in for it."""
    dtb = arm64_dtb({"/pvpanic@47f00000": {
        "compatible": "qemu,pvpanic-mmio", "reg": [0, REGISTER, 0, 2]}},
        reserved=(REGISTER, 0x1000))
    host_memory.write(REGISTER - RAM_START, b"\x05\0")
    guest = boot_arm64(SHELL_ONLY, extra=("-dtb", dtb, *host_memory.options),
                       machine="virt,memory-backend=ram").wait_prompt()
    assert "47f00000.pvpanic" in guest.run("lsdev")
    guest.type(f"{command}\r")
    if command == "panic":
        guest.machine.expect("end of panic", STOP_SECONDS)
        host_memory.wait(REGISTER - RAM_START, bytes([event, 0]), STOP_SECONDS)
    else:
        guest.machine.wait_exit(STOP_SECONDS)
    assert host_memory.read(REGISTER - RAM_START, 2) == bytes([event, 0])
