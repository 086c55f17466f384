# SPDX-License-Identifier: BSD-2-Clause
"""Hyper-V's interface as a real KVM offers it, with KVM's own hidden or not."""

import json

import pytest
from test_kvm import SLOW_COMMAND_SECONDS, assert_green, assert_says

HIDDEN = "host,kvm=off"
MICROVM = "microvm,acpi=on,isa-serial=on"

HVC0 = {
    "serial": False,
    "vga": "none",
    "extra": (
        *("-chardev", "stdio,id=terminal,signal=off"),
        *("-device", "virtio-serial-pci"),
        *("-device", "virtconsole,chardev=terminal"),
    ),
}

# Each enlightenment with what QEMU wants it to have, and the cases of the
# suite that it makes possible on one CPU.
CALLS = {"guest-is-known-and-page-is-set", "hypercalls-have-results"}
CLOCKS = {
    "reference-counter-keeps-pace",
    "reference-counter-never-goes-back",
    "TSC-page-is-the-counter",
    "TSC-page-never-goes-back",
}
INDEX = {"VP-indices-are-their-CPUs'"}
IPIS = {"IPIs-reach-exactly-the-set", "IPIs-by-sparse-set-do-too"}
MESSAGES = {"timers'-messages-are-in-time"}
DIRECT = {"direct-timers-are-in-time"}
EOIS = {"interrupts-end-by-memory"}
STOLEN = {"stolen-time-is-the-time-stood-still"}
FLUSHES = {"flush-of-a-CPU-that-reads-is-in-time", "flush-by-sparse-set-is-too"}
SYNIC = "hv-vpindex,hv-synic"
STIMER = f"{SYNIC},hv-time,hv-stimer"

ALONE = {
    "hv-relaxed": set(),
    "hv-vapic": EOIS,
    "hv-time": CLOCKS,
    "hv-vpindex": INDEX,
    "hv-runtime": set(),
    SYNIC: INDEX,
    STIMER: CLOCKS | INDEX | MESSAGES,
    f"{STIMER},hv-stimer-direct": CLOCKS | INDEX | MESSAGES | DIRECT,
    "hv-frequencies": set(),
    # It names a virtual processor, so it is of no use without their indices.
    "hv-vpindex,hv-reenlightenment": INDEX | {"migration-notes-are-asked-for"},
    "hv-vpindex,hv-tlbflush": INDEX,
    "hv-vpindex,hv-ipi": INDEX | IPIS,
    "hv-crash": {"crash-registers-hold-parameters"},
    "hv-reset": set(),
    "hv-spinlocks=0x1fff": set(),
}

ALL = (
    "hv-relaxed,hv-vapic,hv-time,hv-vpindex,hv-runtime,hv-synic,hv-stimer,"
    "hv-stimer-direct,hv-frequencies,hv-reenlightenment,hv-tlbflush,hv-ipi,"
    "hv-crash,hv-reset,hv-spinlocks=0x1fff"
)

# What all of them offer that this kernel has a use for.
SHARED = {
    "direct-timers",
    "guest-crash-registers",
    "reenlightenment",
    "reference-counter",
    "reference-tsc",
    "reset-register",
    "synic",
    "synthetic-timers",
    "vp-index",
}
# What KVM itself does instead where it is visible.
INSTEAD = {
    "cluster-ipi",
    "eoi-assist",
    "hypercalls",
    "remote-flush",
    "spin-wait-notification",
    "vp-run-time",
}
SERVICES = {*SHARED, *INSTEAD, "apic-registers"}
# A guest cannot see these do their job: the machine ends, or is migrated.
NEVER_SEEN = {"guest-crash-registers", "reenlightenment", "reset-register"}
# A guest can see it only when its CPUs compete for the host's, ...
COMPETING = {"vp-run-time"}
# ... when the local APIC's registers are in memory, ...
IN_MEMORY = {"apic-registers"}
# ... or when it has a second CPU.
SECOND_CPU = {"remote-flush", "spin-wait-notification"}


@pytest.fixture
def quick(boot):
    """As boot, with hvc0 as the console: a line is an exit, not a byte."""

    def run(append: str = "", **options):
        return boot(f"{append} console=hvc0", **{**HVC0, **options})

    return run


def services(guest) -> dict[str, set[str]]:
    """Hyper-V's services by what they are, as the guest reports them."""
    document = json.loads(guest.run("virt --json", SLOW_COMMAND_SECONDS))
    (found,) = (h for h in document["hypervisors"] if h["type"] == "hyperv")
    features = [f for f in found["features"] if f["name"] in SERVICES]
    return {
        state: {f["name"] for f in features if f[state]}
        for state in ("offered", "enabled", "verified")
    }


def passed(guest) -> set[str]:
    """The cases of the suite that were not skipped, when none failed."""
    names = (name.split(".", 1) for name in assert_green(guest).passed)
    return {case for suite, case in names if suite == "hyperv"}


def after_tests(guest):
    """The guest, after self-tests that passed."""
    guest.wait_prompt()
    report = guest.report()
    assert not report.failed, report.summary()
    return guest


@pytest.mark.parametrize("flags", ALONE)
def test_enlightenment_alone_makes_its_cases_pass(boot, flags):
    cpu = f"{HIDDEN},{flags}"
    guest = boot("selftest=hyperv exit", cpu=cpu, machine=MICROVM, vga="none")
    # The page for hypercalls is there with any of them.
    assert passed(guest) == CALLS | ALONE[flags]


@pytest.mark.parametrize("smp", [1, 2])
def test_all_are_used_where_kvm_hides(quick, smp):
    cpu = f"{HIDDEN},{ALL}"
    guest = after_tests(quick("selftest=hyperv,spin", smp=smp, cpu=cpu))
    assert_says(guest, r"clock: .* \(Hyper-V TSC frequency register\)$")
    assert_says(guest, r"clock: hyperv-tsc at ")
    not_here = NEVER_SEEN | COMPETING | IN_MEMORY
    not_here |= SECOND_CPU if smp == 1 else set()
    found = services(guest)
    assert found["enabled"] == SERVICES
    assert found["verified"] >= SERVICES - not_here


def test_kvm_s_own_come_first_where_it_does_not(quick):
    guest = after_tests(quick("selftest=hyperv,kvm-calls", smp=2, cpu=f"host,{ALL}"))
    assert_says(guest, r"^Hypervisor: KVM$")
    assert services(guest)["enabled"] == SHARED | IN_MEMORY
    # Its hypercalls have not become Hyper-V's.
    report = guest.report()
    assert "kvm-calls.IPIs-reach-exactly-the-set" in report.passed
    assert "kvm-calls.waiters-for-a-lock-halt-and-are-kicked" in report.passed


def test_cpus_that_compete_are_flushed_and_their_stolen_time_is_seen(
    boot_on_one_cpu,
):
    cpu = f"{HIDDEN},{ALL}"
    guest = boot_on_one_cpu("selftest=hyperv exit", smp=2, cpu=cpu)
    assert passed(guest) >= STOLEN | FLUSHES | IPIS


def test_registers_of_the_apic_are_used_where_it_is_in_memory(boot):
    cpu = f"{HIDDEN},{ALL},-x2apic,-tsc-deadline"
    guest = boot("selftest=hyperv,irq exit", smp=2, cpu=cpu)
    assert passed(guest) >= EOIS | {"interrupt-commands-by-register"}
    assert_says(guest, r"timer: hyperv-direct, one shot")


@pytest.mark.parametrize(
    ("flags", "timer"),
    [(f"hv-frequencies,{STIMER}", "hyperv-message"), ("hv-frequencies", "lapic")],
)
def test_next_best_timer_is_used(boot, flags, timer):
    cpu = f"{HIDDEN},-tsc-deadline,{flags}"
    guest = boot("selftest=time,paravirt exit", cpu=cpu)
    report = assert_green(guest)
    assert_says(guest, rf"timer: {timer}, one shot")
    assert ("paravirt.apic-frequency" in report.passed) == (timer == "lapic")


def test_timer_of_choice_is_used(boot):
    cpu = f"{HIDDEN},{ALL}"
    guest = boot("selftest=time clockevent=hyperv-message exit", smp=2, cpu=cpu)
    assert_green(guest)
    assert_says(guest, r"timer: hyperv-message, one shot")


def test_each_can_be_switched_off(quick):
    off = " ".join(f"no-hv-{name}" for name in SERVICES)
    cpu = f"{HIDDEN},{ALL}"
    guest = after_tests(quick(f"selftest=smp,spin,time {off}", smp=2, cpu=cpu))
    assert not services(guest)["enabled"]


def test_panic_tells_the_host_its_message(boot):
    paused = ("-action", "panic=pause")
    guest = boot("", cpu=f"{HIDDEN},hv-crash", extra=paused).wait_prompt()
    guest.type("crash thread\r")
    machine = guest.machine
    info = machine.wait_event("GUEST_PANICKED")["info"]
    assert info["type"] == "hyper-v"
    assert info["arg1"] == 0
    assert info["arg2"] == 0  # the CPU
    assert info["arg3"] >> 63 == 1  # an open source system
    message = machine.read_memory(info["arg4"], info["arg5"]).decode()
    assert f"Kernel panic: {message}\n" in machine.text


def test_what_is_shared_is_given_back_before_a_reset(boot):
    """The next kernel finds its memory as it left it: its own tests pass."""
    cpu = f"{HIDDEN},{ALL}"
    restart = ("-action", "reboot=reset")
    guest = boot("selftest=pages,slab,hyperv", smp=2, cpu=cpu, extra=restart)
    guest.wait_prompt()
    guest.type("reboot\r")
    guest.machine.expect(r"^Zirvium ")
    guest.wait_prompt()
    assert not guest.report().failed
