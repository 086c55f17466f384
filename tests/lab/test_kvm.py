# SPDX-License-Identifier: BSD-2-Clause
"""Guests of a real, complete KVM: what QEMU's own emulation cannot show."""

import json
import re
import subprocess

import pytest
from kvm import EVERY_ENLIGHTENMENT
from machine import MachineError
from zirvium import DETECTION_BEGIN, SHELL_ONLY, TESTS_ONLY

BARE_MICROVM = "microvm,acpi=off,isa-serial=on,pit=off,pic=off,rtc=off"

# KVM takes IDs of more than 8 bits in messages only from a split controller.
WIDE_IDS = {
    "machine": "q35,kernel-irqchip=split",
    "cpu": "host,kvm-msi-ext-dest-id=on",
}

# 12 KiB through an emulated serial port, each byte an exit.
SLOW_COMMAND_SECONDS = 60.0
MANY_CPUS_SECONDS = 240.0


def assert_green(guest):
    """The self-tests passed; the report."""
    report = guest.finish()
    assert report.passed
    assert all(report.skipped.values())  # each with its reason
    return report


def assert_says(guest, pattern: str):
    assert re.search(pattern, guest.machine.text, re.MULTILINE), pattern


def what_was_found(guest) -> tuple[str, list[str]]:
    """The primary hypervisor's type, and the signatures that CPUID has."""
    document = json.loads(guest.run("virt --json", SLOW_COMMAND_SECONDS))
    blocks = document["evidence"]["cpuid_blocks"]
    (primary,) = (h for h in document["hypervisors"] if h["primary"])
    return primary["type"], [block["signature"] for block in blocks]


# What one guest at its prompt shows.


@pytest.fixture(scope="module")
def shell(module_boot):
    return module_boot(SHELL_ONLY, smp=2).wait_prompt()


def test_kvm_is_named(shell):
    assert shell.detection() == [
        DETECTION_BEGIN,
        "Hypervisor detected! (CPUID.1.ECX[31]=1)",
        "Hypervisor: KVM",
        "Paravirtualization: Available",
    ]


def test_kvm_is_reported_by_its_signature(shell):
    assert what_was_found(shell) == ("kvm", ["KVMKVMKVM"])


def test_local_apic_is_in_x2apic_mode(shell):
    assert_says(shell, r"irq: local APIC \d+ in x2APIC mode$")


def test_timer_is_the_tsc_deadline(shell):
    assert_says(shell, r"timer: tsc-deadline, one shot")


# Ways in.


@pytest.mark.smoke
@pytest.mark.leg(hypervisor="KVM (AMD, nested)", path="PVH")
def test_every_self_test_passes(boot, leg):
    report = assert_green(boot(TESTS_ONLY, smp=2))
    assert "traps.missing-msr-is-an-error" in report.passed
    leg.had(cpus=2)


@pytest.mark.leg(hypervisor="KVM (AMD, nested)", path="ISO, BIOS")
def test_iso_boots_under_bios(boot_iso):
    assert_green(boot_iso(TESTS_ONLY))


@pytest.mark.parametrize(
    "machine",
    ["microvm,acpi=on,isa-serial=on", BARE_MICROVM],
    ids=["acpi", "no-acpi-pit-pic-rtc"],
)
@pytest.mark.leg(hypervisor="KVM (AMD, nested)", path="PVH, microvm")
def test_microvm_boots(boot, machine):
    assert_green(boot(TESTS_ONLY, machine=machine, vga="none"))


def test_guest_is_turned_off_by_its_command(boot):
    guest = boot(SHELL_ONLY).wait_prompt()
    guest.type("poweroff\r")
    assert guest.machine.wait_exit() == 0
    assert guest.machine.shutdown_reason == "guest-shutdown"


# CPUs.


@pytest.mark.parametrize("smp", [8, 64])
def test_all_cpus_come_up_and_are_called(boot, smp):
    guest = boot("selftest=smp exit", smp=smp, memory="256M")
    assert_green(guest)
    assert_says(guest, rf"smp: {smp} CPUs, ")


# It takes this KVM half a minute to make and destroy that many.
def test_more_cpus_than_8_bit_ids_come_up(boot):
    options = {"smp": 288, "memory": "512M", "timeout": MANY_CPUS_SECONDS}
    guest = boot(SHELL_ONLY, **options, **WIDE_IDS).wait_prompt()
    assert_says(guest, r"smp: 288 CPUs, ")


# Interrupt controllers and timers.


@pytest.mark.parametrize(
    ("append", "options"),
    [("nox2apic", {}), ("", {"cpu": "host,-x2apic"})],
    ids=["refused", "not-offered"],
)
def test_xapic_mode_works_on_two_cpus(boot, append, options):
    guest = boot(f"selftest=irq,smp exit {append}", smp=2, **options)
    assert_green(guest)
    assert_says(guest, r"irq: local APIC \d+ in xAPIC mode$")


def test_local_apic_timer_replaces_a_missing_tsc_deadline(boot):
    guest = boot("selftest=irq,time exit", cpu="host,-tsc-deadline")
    assert_green(guest)
    assert_says(guest, r"timer: lapic, one shot")


def test_interrupts_arrive_through_a_split_controller(boot):
    machine = "q35,kernel-irqchip=split"
    assert_green(boot("selftest=irq,time exit", machine=machine))


# The counter's frequency.


def tsc_frequency(kvm) -> int:
    """In Hz, as L1's KVM knows it."""
    command = [*kvm.l1().remote(10), "cat", "/proc/cpuinfo"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=20, check=True
    )
    megahertz = re.search(r"cpu MHz\s*: (\d+)\.(\d{3})", done.stdout)
    return int(megahertz[1] + megahertz[2]) * 1000


def test_frequency_in_kvms_leaf_is_used(boot, kvm):
    # QEMU states it only if it was told it, and only what is true.
    frequency = tsc_frequency(kvm)
    guest = boot(
        "selftest=paravirt exit", cpu=f"host,tsc-frequency={frequency}"
    )
    report = assert_green(guest)
    assert "paravirt.tsc-frequency" in report.passed
    assert_says(guest, r"time-stamp counter at .* \(KVM .*\)$")


# Hyper-V's interface, and other names, by KVM.


def test_every_hyperv_enlightenment_leaves_kvm_primary(boot):
    guest = boot(TESTS_ONLY, cpu=EVERY_ENLIGHTENMENT, smp=2)
    report = assert_green(guest)
    assert "paravirt.tsc-frequency" in report.passed
    assert_says(guest, r"^Hypervisor: KVM$")
    assert_says(guest, r"^Hypervisor interface: Hyper-V at 0x40000000$")


@pytest.mark.parametrize(
    "signature",
    ["VMwareVMware", "XenVMMXenVMM", "bhyve bhyve "],
)
def test_other_signature_does_not_hide_kvm(boot, signature):
    cpu = f"host,hv-relaxed,hv-vendor-id={signature}"
    guest = boot(SHELL_ONLY, cpu=cpu).wait_prompt()
    assert what_was_found(guest) == ("kvm", [signature, "KVMKVMKVM"])


# The last, because the emulator under KVM may not survive it.


# UEFI firmware writes CR8 in its interrupt handlers; QEMU 7.2 forgets to take a
# lock for that if another interrupt waits, notices it, and ends.
CR8_DEFECT = "tcg_handle_interrupt: assertion failed"


@pytest.mark.leg(hypervisor="KVM (AMD, nested)", path="ISO, UEFI")
def test_iso_boots_under_uefi(boot_iso, uefi, kvm):
    pit = ("-global", "kvm-pit.lost_tick_policy=discard")
    guest = boot_iso(TESTS_ONLY, uefi=True, extra=pit)
    try:
        assert_green(guest)
    except MachineError:
        if CR8_DEFECT in kvm.why_ended():
            pytest.skip("QEMU that emulates the machine around KVM has failed")
        raise
