# SPDX-License-Identifier: BSD-2-Clause
"""Guests of a real KVM on arm64, whose GICv3 and ITS are KVM's own.

Each exit of a guest is emulated by thousands of instructions, which QEMU
emulates: few guests, and each takes a minute.
"""

import json
from datetime import datetime, timedelta, timezone

import pytest
import steal
from machine import EXIT_POWEROFF
from zirvium import SHELL_ONLY, TESTS_ONLY

# A guest in a guest of an emulation: a line of output takes its time.
SLOW_COMMAND_SECONDS = 120.0
# L1's clock is the machine's, and the answer takes a while to arrive.
CLOCK_SECONDS = 60

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


# What the lab's KVM offers that this kernel has a use for.
SERVICES = {"ptp", "steal-time"}
# What a guest can only see when its CPUs compete for the host's.
COMPETING = {"steal-time"}
SUITES = "selftest=kvm-ptp,kvm-steal"


def features_after_tests(guest) -> dict[str, dict]:
    """KVM's features, by name, of a guest whose self-tests passed."""
    guest.wait_prompt()
    report = guest.report()
    assert not report.failed, report.summary()
    document = json.loads(guest.run("virt --json", SLOW_COMMAND_SECONDS))
    assert document["paravirt"]["available"]
    kvm = document["hypervisors"][0]
    assert kvm["type"] == "kvm"
    return {feature["name"]: feature for feature in kvm["features"]}


def are(state: str, found: dict[str, dict]) -> set[str]:
    return {name for name in found if found[name][state]}


def used(found: dict[str, dict]) -> set[str]:
    """Those that are not only reported."""
    return {name for name in found if found[name]["kind"] == "paravirt"}


@pytest.mark.parametrize("smp", [1, 2, 4])
def test_services_are_enabled_and_verified(boot_arm64, smp):
    found = features_after_tests(boot_arm64(SUITES, smp=smp))
    assert are("offered", found) & used(found) == SERVICES
    assert are("enabled", found) == SERVICES
    assert are("verified", found) >= SERVICES - COMPETING
    assert {"psci-cpu-suspend", "psci-system-reset2"} <= are("offered", found)


@pytest.mark.parametrize("smp", [2, 4])
def test_stolen_time_is_counted(boot_arm64_on_one_cpu, smp):
    guest = boot_arm64_on_one_cpu(SUITES, smp=smp)
    assert are("verified", features_after_tests(guest)) == SERVICES


def test_stolen_time_is_what_the_host_counts(boot_arm64_on_one_cpu, kvm_arm64):
    guest = boot_arm64_on_one_cpu(SHELL_ONLY, smp=2).wait_prompt()
    steal.check(kvm_arm64, guest, SLOW_COMMAND_SECONDS)


def test_each_service_can_be_switched_off(boot_arm64):
    off = " ".join(f"no-kvm-{name}" for name in SERVICES)
    found = features_after_tests(boot_arm64(f"{SUITES} {off}", smp=2))
    assert are("offered", found) >= SERVICES
    assert not are("enabled", found)


def test_steal_time_that_is_not_offered_is_not_missed(boot_arm64):
    guest = boot_arm64(SUITES, smp=2, cpu="host,kvm-steal-time=off")
    found = features_after_tests(guest)
    assert are("enabled", found) == SERVICES - {"steal-time"}


def test_time_of_day_is_the_hosts(boot_arm64):
    guest = boot_arm64(SHELL_ONLY).wait_prompt()
    stated = datetime.strptime(
        guest.run("date", SLOW_COMMAND_SECONDS).strip(),
        "%a %b %d %H:%M:%S UTC %Y",
    ).replace(tzinfo=timezone.utc)
    off = datetime.now(timezone.utc) - stated
    assert abs(off) < timedelta(seconds=CLOCK_SECONDS)
