# SPDX-License-Identifier: BSD-2-Clause
"""Every way in: firmware, boot protocols, machines, CPUs, memory sizes.

Each case runs the self-tests inside the guest; it passes when the report is
whole and green and the machine left with the status of success.
"""

import pytest
from zirvium import SHELL_ONLY, TESTS_ONLY

# A machine without the timers, interrupt controller and clock of a PC.
BARE_MICROVM = "microvm,acpi=off,isa-serial=on,pit=off,pic=off,rtc=off"


def assert_green(guest):
    report = guest.finish()
    assert report.passed
    assert all(report.skipped.values())  # each with its reason


@pytest.mark.parametrize("machine", ["q35", "pc"])
def test_pvh_kernel_boots(boot, machine):
    assert_green(boot(TESTS_ONLY, machine=machine))


@pytest.mark.parametrize(
    "machine",
    [
        "microvm,acpi=on,isa-serial=on",
        "microvm,acpi=off,isa-serial=on",
        BARE_MICROVM,
    ],
    ids=["acpi", "no-acpi", "no-pit-pic-rtc"],
)
def test_microvm_boots(boot, machine):
    assert_green(boot(TESTS_ONLY, machine=machine, vga="none"))


@pytest.mark.parametrize("machine", ["q35", "pc"])
def test_iso_boots_under_bios(boot_iso, machine):
    assert_green(boot_iso(TESTS_ONLY, machine=machine))


def test_iso_boots_under_uefi(boot_iso, uefi):
    assert_green(boot_iso(TESTS_ONLY, uefi=True))


def test_iso_boots_as_a_hard_disk(boot_iso, make_iso):
    assert_green(boot_iso(disk=make_iso(TESTS_ONLY), cdrom=None))


def test_iso_boots_as_a_hard_disk_under_uefi(boot_iso, make_iso, uefi):
    assert_green(boot_iso(disk=make_iso(TESTS_ONLY), cdrom=None, uefi=True))


@pytest.mark.parametrize(
    "cpu", ["qemu64", "max", "Nehalem", "EPYC-Milan", "qemu64,-hypervisor"]
)
def test_cpu_model_boots(boot, cpu):
    assert_green(boot(TESTS_ONLY, cpu=cpu))


# 3 GiB is where a q35 begins to put memory above 4 GiB.
@pytest.mark.parametrize("memory", ["16M", "3G", "8G"])
def test_memory_size_boots(boot, memory):
    assert_green(boot(TESTS_ONLY, memory=memory))


def test_memory_beyond_what_the_host_has_boots(boot):
    backend = "memory-backend-ram,id=ram0,size=256G,reserve=off"
    guest = boot(
        TESTS_ONLY,
        machine="q35,memory-backend=ram0",
        memory="256G",
        cpu="max",
        extra=("-object", backend),
    )
    assert_green(guest)


def test_small_memory_boots_from_the_iso(boot_iso):
    assert_green(boot_iso(TESTS_ONLY, memory="32M"))


def test_several_cpus_boot(boot):
    assert_green(boot(TESTS_ONLY, smp=2))


@pytest.mark.parametrize(
    "machine",
    [
        *("q35,i8042=off", "q35,hpet=off", "q35,pit=off", "q35,acpi=off"),
        *("pc,acpi=off,hpet=off,pit=off,i8042=off", "isapc"),
    ],
)
def test_machine_without_some_devices_boots(boot, machine):
    # isapc has no bus for the default display.
    vga = "none" if machine == "isapc" else "std"
    assert_green(boot(TESTS_ONLY, machine=machine, vga=vga))


def test_machine_without_display_boots(boot):
    assert_green(boot(TESTS_ONLY, vga="none"))


def test_iso_boots_without_display(boot_iso):
    assert_green(boot_iso(TESTS_ONLY, vga="none"))


def test_iso_boots_without_display_under_uefi(boot_iso, uefi):
    assert_green(boot_iso(TESTS_ONLY, vga="none", uefi=True))


def test_release_iso_offers_its_menu_and_boots_by_itself(boot_iso, release_iso):
    guest = boot_iso(cdrom=release_iso, timeout=90)
    guest.machine.expect("GNU GRUB", 30)
    guest.wait_prompt()
    assert guest.report().check().passed


def test_safe_mode_in_the_menu_boots_without_paravirtualization(
    boot_iso, release_iso
):
    guest = boot_iso(cdrom=release_iso, timeout=90)
    guest.choose(".*safe mode.*")
    guest.wait_prompt()
    assert "Paravirtualization: Disabled" in guest.machine.text


def test_shell_only_in_the_menu_runs_no_tests(boot_iso, release_iso):
    guest = boot_iso(cdrom=release_iso, timeout=90)
    guest.choose(".*shell only")
    guest.wait_prompt()
    assert "KTAP" not in guest.machine.text


def test_kernel_says_how_long_it_took_to_the_prompt(boot):
    guest = boot(SHELL_ONLY).wait_prompt()
    assert guest.boot_microseconds() > 0
