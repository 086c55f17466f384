# SPDX-License-Identifier: BSD-2-Clause
"""The KVM of this machine itself, where there is one and it runs the kernel.

Nothing says beforehand what a /dev/kvm can do: there are some that refuse
registers, or on which a hypercall never returns. So it is tried for a limited
time, and where it does not get far enough the tests are skipped with what was
seen last.
"""

import os

import pytest
from machine import MachineError
from test_kvm_services import SUITES, are, features
from zirvium import SHELL_ONLY, Guest

# For all that a guest is asked; a complete KVM takes a few seconds.
SECONDS = 280.0 if "LAB_LONG" in os.environ else 60.0
# Some KVMs do not know the registers that their own processor has.
CPUS = ("host", "host,-arch-capabilities")


def last_words(guest) -> str:
    """What QEMU or the kernel said last."""
    said = guest.machine.stderr or guest.machine.text
    return (said.strip().splitlines() or ["it said nothing"])[-1][:200]


@pytest.fixture
def boot_here(start, kernel, initrd):
    """boot_here(**config): a Guest that is booting in our own KVM."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        pytest.skip("this machine has no /dev/kvm that may be used")
    files = {"kernel": kernel, "initrd": initrd, "append": SHELL_ONLY}

    def run(**options) -> Guest:
        return Guest.start(start, **files, accel="kvm", timeout=SECONDS, **options)

    return run


def look(guest):
    """What is reported, and what the self-tests see, if it lasts that long."""
    guest.wait_prompt()
    assert "Hypervisor: KVM" in guest.detection()
    found = features(guest)
    assert are("enabled", found) <= are("offered", found)
    for suite in SUITES.removeprefix("selftest=").split(","):
        guest.run(f"selftest {suite}", SECONDS)
        report = guest.report()
        assert not report.failed, report.summary()


def test_kernel_runs_in_this_machines_own_kvm(boot_here):
    for cpu in CPUS:
        guest = boot_here(smp=2, cpu=cpu)
        try:
            return look(guest)
        except MachineError:
            why = last_words(guest)
            guest.machine.close()
    return pytest.skip(f"this machine's KVM does not go on after: {why}")
