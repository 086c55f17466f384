# SPDX-License-Identifier: BSD-2-Clause
"""Leaving the machine: poweroff, reboot, exit statuses, panics."""

import time

import pytest
from machine import EXIT_POWEROFF, EXIT_SUCCESS
from zirvium import SHELL_ONLY, TESTS_ONLY

STOP_SECONDS = 10
MICROVM = "microvm,isa-serial=on"


def assert_left(guest, reason):
    assert guest.machine.wait_exit(STOP_SECONDS) == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == reason


@pytest.mark.parametrize("machine", ["q35", "pc", f"{MICROVM},acpi=on"])
def test_poweroff_ends_the_machine(boot, machine):
    vga = "none" if machine.startswith("microvm") else "std"
    guest = boot(SHELL_ONLY, machine=machine, vga=vga).wait_prompt()
    guest.type("poweroff\r")
    assert_left(guest, "guest-shutdown")


def test_poweroff_ends_the_machine_under_bios(boot_iso):
    guest = boot_iso(SHELL_ONLY).wait_prompt()
    guest.type("poweroff\r")
    assert_left(guest, "guest-shutdown")


def test_poweroff_ends_the_machine_under_uefi(boot_iso, uefi):
    guest = boot_iso(SHELL_ONLY, uefi=True).wait_prompt()
    guest.type("poweroff\r")
    assert_left(guest, "guest-shutdown")


@pytest.mark.parametrize("machine", ["q35", "pc"])
@pytest.mark.parametrize("smp", [1, 2])
def test_power_button_turns_the_machine_off(boot, machine, smp):
    guest = boot(SHELL_ONLY, machine=machine, smp=smp).wait_prompt()
    guest.machine.qmp.command("system_powerdown")
    guest.machine.expect(r"the power button asks to turn off this machine")
    assert_left(guest, "guest-shutdown")


def test_power_button_turns_the_machine_off_under_uefi(boot_iso, uefi):
    guest = boot_iso(SHELL_ONLY, uefi=True).wait_prompt()
    guest.machine.qmp.command("system_powerdown")
    assert_left(guest, "guest-shutdown")


@pytest.mark.parametrize("machine", ["q35", "pc", f"{MICROVM},acpi=off"])
def test_reboot_resets_the_machine(boot, machine):
    vga = "none" if machine.startswith("microvm") else "std"
    guest = boot(SHELL_ONLY, machine=machine, vga=vga).wait_prompt()
    guest.type("reboot\r")
    assert_left(guest, "guest-reset")


def test_reboot_resets_the_machine_under_uefi(boot_iso, uefi):
    guest = boot_iso(SHELL_ONLY, uefi=True).wait_prompt()
    guest.type("reboot\r")
    assert_left(guest, "guest-reset")


def test_exit_without_debug_exit_device_powers_off(boot):
    guest = boot(TESTS_ONLY, debug_exit=False)
    assert guest.machine.wait_exit() == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == "guest-shutdown"
    guest.report().check()


def test_without_a_device_for_it_a_failure_has_no_status(boot, boot_arm64):
    for start in (boot, boot_arm64):
        guest = start("selftest=broken exit", debug_exit=False)
        assert guest.machine.wait_exit() == EXIT_POWEROFF
        assert guest.report().failed


def test_exit_status_of_a_failed_run_on_arm64_is_failure(boot_arm64):
    assert boot_arm64("selftest=broken exit").finish_failed().failed


def test_exit_status_of_a_good_run_is_success(boot):
    guest = boot("selftest=none exit")
    assert guest.machine.wait_exit() == EXIT_SUCCESS


def test_panic_shows_the_reason_registers_and_a_named_backtrace(boot):
    guest = boot(SHELL_ONLY).wait_prompt()
    guest.type("panic\r")
    guest.machine.expect(r"(?i)panic")
    guest.machine.expect(r"\w+\+0x[0-9a-f]+/0x[0-9a-f]+", 10)
    guest.machine.expect("shell_")
    time.sleep(1)
    assert guest.machine.running  # panic=0: stop, so that it can be read


def test_panic_resets_when_told_to(boot):
    guest = boot(f"{SHELL_ONLY} panic=-1").wait_prompt()
    guest.type("panic\r")
    assert_left(guest, "guest-reset")


def test_panic_resets_after_the_seconds_it_was_told(boot):
    guest = boot(f"{SHELL_ONLY} panic=2").wait_prompt()
    guest.type("panic\r")
    began = time.monotonic()
    assert_left(guest, "guest-reset")
    assert time.monotonic() - began > 1.5
