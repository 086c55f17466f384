# SPDX-License-Identifier: BSD-2-Clause
"""Guests of a real KVM on arm64, whose GICv3 and ITS are KVM's own.

Each exit of a guest is emulated by thousands of instructions, which QEMU
emulates: few guests, and each takes a minute.
"""

import pytest
from machine import EXIT_POWEROFF
from zirvium import SHELL_ONLY, TESTS_ONLY

DEVICES = ("-device", "edu", "-device", "rocker")


@pytest.mark.leg(hypervisor="KVM, arm64 (nested)", path="Image")
def test_every_self_test_passes_on_kvm_arm64(boot_arm64, leg):
    guest = boot_arm64(TESTS_ONLY, smp=2, extra=DEVICES)
    assert guest.machine.wait_exit() == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == "guest-shutdown"
    report = guest.report()
    assert report.ok
    assert report.passed
    assert all(report.skipped.values())  # each with its reason
    for name in ("edu.message-interrupts", "msix.each-goes-its-own-way"):
        assert name in report.passed
    leg.had(cpus=2)


def test_kvm_arm64_is_named(boot_arm64):
    guest = boot_arm64(SHELL_ONLY).wait_prompt()
    assert guest.detection()[1:3] == [
        "Hypervisor detected! (SMCCC hypervisor UID)",
        "Hypervisor: KVM",
    ]
    assert "gic: ITS at " in guest.machine.text
