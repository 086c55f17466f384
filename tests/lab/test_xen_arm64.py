# SPDX-License-Identifier: BSD-2-Clause
"""A guest of a real Xen on arm64, started from the device tree."""

import json

import ktap
import pytest
import xen_arm64
from packages import Unavailable
from paths import LAB, LOGS
from zirvium import TESTS_ONLY

SECONDS = 300.0
# What a domain that is told of Xen's interfaces must have seen at work.
VERIFIED = {"hypercalls", "event-channels", "grant-table"}
SUITES = "selftest=irq,smp,time,xen-events,grant-table"


@pytest.fixture
def boot_xen_arm64(start, arm64_image, arm64_initrd):
    """boot_xen_arm64(words, enhanced): a machine in which Xen starts a guest."""
    try:
        image = xen_arm64.prepare(LAB)
    except Unavailable as error:
        pytest.skip(f"no lab for Xen on arm64: {error}")

    def run(words: str, enhanced: bool):
        return start(
            xen_arm64.config(
                image,
                LOGS / "xen_arm64",
                arm64_image,
                arm64_initrd,
                words,
                cpus=2,
                enhanced=enhanced,
                timeout=SECONDS,
            )
        )

    return run


def assert_green(machine, leg) -> str:
    """The self-tests passed; what the guest has said so far."""
    text = xen_arm64.guests_text(machine.text)
    report = ktap.parse(text)
    assert report.ok, report.summary()
    assert report.passed
    assert all(report.skipped.values())  # each with its reason
    assert "Hypervisor: Xen\n" in text
    assert "smp: 2 CPUs, " in text
    leg.version = xen_arm64.version(machine.text)
    leg.had(cpus=2)
    return text


@pytest.mark.leg(hypervisor="Xen, arm64", path="Image, device tree (dom0less)")
def test_every_self_test_passes_on_xen_arm64(boot_xen_arm64, leg):
    machine = boot_xen_arm64(TESTS_ONLY, enhanced=False)
    # The guest turns itself off, and Xen goes on without one.
    machine.expect(r"DOM1: .*Power down")
    text = assert_green(machine, leg)
    assert "Hypervisor detected! (SMCCC hypervisor UID)\n" in text


@pytest.mark.leg(
    hypervisor="Xen, arm64", path="Image, device tree (dom0less, enhanced)"
)
def test_xen_s_interfaces_work_on_arm64(boot_xen_arm64, leg):
    machine = boot_xen_arm64(SUITES, enhanced=True)
    machine.expect(r"DOM1: Boot: ")
    # Xen has the serial line; the guest's is reached behind this.
    machine.send("\x01\x01\x01")
    machine.expect(r"Serial input to DOM1")
    machine.send("virt --json\r")
    machine.send("poweroff\r")
    machine.expect(r"\] Power down")
    text = assert_green(machine, leg)
    # A line that is too long for Xen is several.
    begin = text.index('{"schema"')
    said = text[begin:].replace("\n", "")
    document, _ = json.JSONDecoder().raw_decode(said)
    leg.saw(document)
    features = document["hypervisors"][0]["features"]
    assert {f["name"] for f in features if f["verified"]} >= VERIFIED
    assert {f["name"] for f in features if f["enabled"]} >= {"steal-time"}
