# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's small devices beside a real KVM: reading, copying, leaving."""

import pytest
from machine import EXIT_POWEROFF

CMDLINE = "opt/org.zirvium/cmdline"
SUITES = "selftest=fw-cfg,pvpanic,vmgenid,random"
STOP_SECONDS = 60
DEVICES = ("-device", "vmgenid,guid=auto", "-device", "pvpanic",
           "-device", "pvpanic-pci")
MACHINES = {
    "q35": {"extra": DEVICES},
    "microvm": {"machine": "microvm,acpi=off,isa-serial=on", "vga": "none"},
    "bytes": {"extra": ("-global", "fw_cfg_io.dma_enabled=off")},
}


@pytest.mark.parametrize("name", MACHINES)
def test_parameters_of_the_host_are_used(boot, name):
    config = dict(MACHINES[name])
    words = ("-fw_cfg", f"name={CMDLINE},string={SUITES.replace(',', ',,')}")
    config["extra"] = (*config.get("extra", ()), *words)
    report = boot("exit", **config).finish()
    assert "fw-cfg.parts-are-as-the-whole" in report.passed
    if name == "q35":
        assert "vmgenid.generation-is-read" in report.passed
        assert "pvpanic.device-offers-what-is-used" in report.passed


def test_a_panic_is_an_event(boot):
    guest = boot("selftest=none", extra=DEVICES).wait_prompt()
    guest.type("panic\r")
    guest.machine.qmp.wait_event("GUEST_PANICKED", STOP_SECONDS)
    assert guest.machine.wait_exit(STOP_SECONDS) == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == "guest-panic"
