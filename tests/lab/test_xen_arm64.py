# SPDX-License-Identifier: BSD-2-Clause
"""A guest of a real Xen on arm64, started from the device tree."""

import ktap
import pytest
import xen_arm64
from packages import Unavailable
from paths import LAB, LOGS
from zirvium import TESTS_ONLY

SECONDS = 120.0


@pytest.mark.leg(hypervisor="Xen, arm64", path="Image, device tree (dom0less)")
def test_every_self_test_passes_on_xen_arm64(
    start, arm64_image, arm64_initrd, leg
):
    try:
        xen = xen_arm64.prepare(LAB)
    except Unavailable as error:
        pytest.skip(f"no lab for Xen on arm64: {error}")
    machine = start(
        xen_arm64.config(
            xen,
            LOGS / "xen_arm64",
            arm64_image,
            arm64_initrd,
            TESTS_ONLY,
            cpus=2,
            timeout=SECONDS,
        )
    )
    # The guest turns itself off, and Xen goes on without one.
    machine.expect(r"DOM1: .*Power down")
    text = xen_arm64.guests_text(machine.text)
    report = ktap.parse(text)
    assert report.ok, report.summary()
    assert report.passed
    assert all(report.skipped.values())  # each with its reason
    assert "Hypervisor detected! (SMCCC hypervisor UID)\n" in text
    assert "Hypervisor: Xen\n" in text
    assert "smp: 2 CPUs, " in text
    leg.had(cpus=2)
