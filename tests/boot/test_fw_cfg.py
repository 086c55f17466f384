# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's fw_cfg: its files, and boot parameters that the host gives by it."""

import pytest
from zirvium import SHELL_ONLY

CMDLINE = "opt/org.zirvium/cmdline"
SUITE = "selftest=fw-cfg exit"


def file(name, text):
    return ("-fw_cfg", f"name={name},string={text.replace(',', ',,')}")


MACHINES = {
    "q35": {"machine": "q35"},
    "pc-bytes": {"machine": "pc", "extra": ("-global",
                                            "fw_cfg_io.dma_enabled=off")},
    "microvm": {"machine": "microvm,acpi=off,isa-serial=on", "vga": "none"},
    "isapc": {"machine": "isapc", "cpu": "qemu64"},
}


@pytest.mark.parametrize("name", MACHINES)
def test_files_are_read_on_a_pc(boot, name):
    report = boot(SUITE, **MACHINES[name]).finish()
    assert len(report.passed) >= 2


ARM64_MACHINES = {
    "device-tree": {},
    "bytes": {"extra": ("-global", "fw_cfg_mem.dma_enabled=off")},
}


@pytest.mark.parametrize("name", ARM64_MACHINES)
def test_files_are_read_on_arm64(boot_arm64, name):
    report = boot_arm64(SUITE, **ARM64_MACHINES[name]).finish()
    assert len(report.passed) >= 2


def test_files_are_read_on_arm64_with_acpi(boot_arm64_iso):
    extra = file(CMDLINE, "panic=-1 exit")
    guest = boot_arm64_iso("selftest=fw-cfg", extra=extra)
    guest.finish()
    assert f"from {CMDLINE}: panic=-1 exit" in guest.machine.text


def test_the_command_shows_files_and_what_is_in_them(boot):
    guest = boot(SHELL_ONLY, extra=file("opt/test", "Hello, guest")
                 + file("opt/long", "x" * 5000)).wait_prompt()
    listing = guest.run("fw_cfg")
    assert "12  opt/test\n" in listing and "by DMA" in listing
    shown = guest.run("fw_cfg opt/test")
    assert "48 65 6c 6c 6f 2c 20 67" in shown and "Hello, guest" in shown
    assert "and 904 bytes more" in guest.run("fw_cfg opt/long")
    assert 'no file "opt/none"' in guest.run("fw_cfg opt/none")
    states = guest.run("virt").replace(" ", "")
    assert "fw-cfgyesyesno" in states
    guest.run("selftest fw-cfg")
    states = guest.run("virt").replace(" ", "")
    assert "fw-cfgyesyesyes" in states
    assert "fw-cfg-dmayesyesyes" in states


def test_parameters_of_the_host_are_used(boot):
    extra = file(CMDLINE, 'loglevel=7 selftest=fw-cfg exit')
    guest = boot("", extra=extra)
    assert guest.finish().passed


def test_parameters_of_the_host_are_used_on_arm64(boot_arm64):
    extra = file(CMDLINE, 'selftest=fw-cfg exit')
    assert boot_arm64("", extra=extra).finish().passed


def test_the_loaders_command_line_wins(boot_iso):
    extra = file(CMDLINE, "selftest=broken,fw-cfg exit panic=5")
    guest = boot_iso("selftest=fw-cfg", extra=extra)
    assert guest.finish().passed


@pytest.mark.parametrize(
    "text", ['panic=-1 "open', "x\x1b[2J", "a" * 2000],
    ids=["quote", "escape", "long"])
def test_text_that_makes_no_sense_is_ignored_with_one_line(boot, text):
    guest = boot(SHELL_ONLY, extra=file(CMDLINE, text)).wait_prompt()
    log = guest.run("dmesg")
    assert log.count(CMDLINE) == 1
    assert f"{CMDLINE} has" in log and "ignored" in log
