# SPDX-License-Identifier: BSD-2-Clause
"""KVM's paravirtual services: offered, enabled, and seen doing their job."""

import json
import os
import re

import pytest
import steal
from kvm import SLOW_DISK
from test_kvm import SLOW_COMMAND_SECONDS, assert_says

SUITES = "selftest=kvm-async-pf,kvm-calls,kvm-clock,kvm-steal,kvm-compete"
# The nested host is slow: its CPUs wake up after more than 200 us.
PATIENT = "kvm-poll-us=5000"

# What the lab's KVM offers that this kernel has a use for.
SERVICES = {
    "async-pf",
    "async-pf-int",
    "clocksource2",
    "poll-control",
    "pv-eoi",
    "pv-sched-yield",
    "pv-send-ipi",
    "pv-tlb-flush",
    "pv-unhalt",
    "steal-time",
}
LONG_SECONDS = 280.0

# What a guest can only see when its CPUs compete for the host's, ...
COMPETING = {"pv-sched-yield", "pv-tlb-flush", "pv-unhalt", "steal-time"}
# ... when a page of it is on the host's disk, ...
SWAPPED = {"async-pf", "async-pf-int"}
# ... or when it has a second CPU.
SECOND_CPU = {"poll-control", "pv-unhalt"}


def features(guest, leg=None) -> dict[str, dict]:
    """KVM's features, by name, as the guest reports them; also to @leg."""
    document = guest.virt(SLOW_COMMAND_SECONDS)
    if leg:
        leg.saw(document)
    (kvm,) = (h for h in document["hypervisors"] if h["type"] == "kvm")
    return {feature["name"]: feature for feature in kvm["features"]}


def are(state: str, found: dict[str, dict]) -> set[str]:
    return {name for name in SERVICES if found[name][state]}


def features_after_tests(guest, leg=None) -> dict[str, dict]:
    """The features of a guest whose self-tests passed."""
    guest.wait_prompt()
    report = guest.report()
    assert not report.failed, report.summary()
    return features(guest, leg)


@pytest.mark.parametrize("smp", [1, 2, 4])
@pytest.mark.leg(hypervisor="KVM (AMD, nested)", path="PVH")
def test_services_are_enabled_and_verified(boot, leg, smp):
    guest = boot(f"{SUITES} {PATIENT}", smp=smp)
    found = features_after_tests(guest, leg)
    leg.had(smp)
    assert are("offered", found) == SERVICES
    assert are("enabled", found) == SERVICES
    not_here = COMPETING | SWAPPED | (SECOND_CPU if smp == 1 else set())
    assert are("verified", found) >= SERVICES - not_here


@pytest.mark.parametrize("smp", [2, 4])
@pytest.mark.leg(hypervisor="KVM (AMD, nested)", path="PVH")
def test_services_for_cpus_that_compete_are_verified(
    boot_on_one_cpu, leg, smp
):
    found = features_after_tests(boot_on_one_cpu(SUITES, smp=smp), leg)
    assert are("verified", found) >= COMPETING


@pytest.mark.leg(hypervisor="KVM (AMD, nested)", path="PVH")
def test_page_that_the_host_has_to_fetch_stops_one_thread_only(boot, leg):
    memory = f"memory-backend-file,id=ram,size=128M,mem-path={SLOW_DISK}"
    guest = boot(
        SUITES.replace("kvm-steal,kvm-compete", "smp"),
        smp=2,
        machine="q35,memory-backend=ram",
        extra=("-object", f"{memory},share=off"),
    )
    assert are("verified", features_after_tests(guest, leg)) >= SWAPPED


def test_each_service_can_be_switched_off(boot):
    names = ["clock", "async-pf", *(SERVICES - {"async-pf-int"})]
    off = " ".join(f"no-kvm-{name}" for name in names)
    off += " no-vmware-backdoor"  # QEMU's vmport knows the frequency too
    guest = boot(f"selftest=smp,spin,time {off}", smp=2)
    found = features_after_tests(guest)
    assert are("offered", found) == SERVICES
    assert not are("enabled", found)
    assert_says(guest, r"clock: time-stamp counter at .* \(measured\)$")


def test_nothing_is_done_by_a_kernel_told_not_to(boot):
    guest = boot("nopv", smp=2).wait_prompt()
    assert not are("enabled", features(guest))


def test_hypercalls_can_be_switched_off(boot):
    guest = boot("selftest=smp,spin no-kvm-hypercalls", smp=2)
    calls = {"pv-send-ipi", "pv-unhalt", "pv-sched-yield"}
    assert are("enabled", features_after_tests(guest)) == SERVICES - calls


def test_time_of_day_is_the_host_s(boot):
    guest = boot("", smp=1).wait_prompt()
    assert re.match(r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d UTC 20", guest.run("date"))


def test_shared_pages_are_given_back_before_a_reset(boot):
    """The next kernel finds its memory as it left it: its own tests pass."""
    guest = boot("panic=-1 selftest=pages,slab", smp=2, extra=("-action", "reboot=reset"))
    guest.wait_prompt()
    guest.type("reboot\r")
    guest.machine.expect(r"^Zirvium ")
    guest.wait_prompt()
    assert not guest.report().failed


def test_bench_pv_shows_both_sides(boot):
    guest = boot("", smp=2, machine="q35,hpet=on", timeout=240.0).wait_prompt()
    answer = json.loads(guest.run("bench --json pv", 180.0))
    cases = {case["name"] for case in answer["cases"]}
    assert cases >= {
        *("clock_kvm", "clock_tsc", "clock_hpet", "clock_acpi_pm"),
        *("ipi_by_hypercall", "ipi_by_apic"),
        *("tlb_flush_by_host", "tlb_flush_by_ipi"),
        *("lock_halting", "lock_spinning"),
    }


def test_stolen_time_is_what_the_host_counts(boot_on_one_cpu, kvm):
    guest = boot_on_one_cpu("selftest=none", smp=2).wait_prompt()
    steal.check(kvm, guest, SLOW_COMMAND_SECONDS)


def test_clock_is_within_bounds_of_the_counter_and_of_the_hosts(boot):
    guest = boot("selftest=kvm-clock", smp=2).wait_prompt()
    report = guest.report()
    assert not report.failed, report.summary()
    assert "kvm-clock.runs-at-the-counter's-rate" in report.passed
    assert "kvm-clock.runs-at-the-host's-rate" in report.passed


LONG = pytest.mark.skipif(
    "LAB_LONG" not in os.environ, reason="takes two minutes: LAB_LONG=1 runs it"
)


@pytest.mark.parametrize("smp", [2, pytest.param(4, marks=LONG)])
def test_clock_never_goes_back_in_100_million_readings(boot, smp):
    guest = boot("selftest=kvm-clock-long", smp=smp, timeout=LONG_SECONDS)
    guest.wait_prompt()
    report = guest.report()
    assert report.passed == ["kvm-clock-long.never-goes-back"]


def values_of(guest, name: str) -> dict[str, int]:
    """What one case of `bench` reports."""
    answer = json.loads(guest.run(f"bench --json {name}", SLOW_COMMAND_SECONDS))
    (case,) = answer["cases"]
    return case["values"]


def test_bench_pv_shows_work_and_what_it_costs(boot_on_one_cpu):
    guest = boot_on_one_cpu("selftest=none", smp=2).wait_prompt()
    halting = values_of(guest, "pv.work_halting")
    spinning = values_of(guest, "pv.work_spinning")
    print(halting, spinning)
    assert halting["halts"] > 0
    assert spinning["halts"] == 0
    assert halting["operations_per_s"] > spinning["operations_per_s"]
    assert halting["cpu_ns_per_operation"] < spinning["cpu_ns_per_operation"]
