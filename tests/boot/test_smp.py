# SPDX-License-Identifier: BSD-2-Clause
"""Several CPUs: started, called, stopped; and those that are not."""

import re

import pytest
from machine import EXIT_POWEROFF
from zirvium import SHELL_ONLY

SUITES = "selftest=smp,static-call,paging,pages exit"

# The time a machine with so many CPUs may take where they share two: QEMU has
# a thread for each, and each has to run for a call to all of them.
MANY_SECONDS = 120


def cpus(answer: str) -> list[str]:
    """The states that `cpus` printed, by number."""
    found = re.findall(r"^ *(\d+) +\d+ (\w+) ", answer, re.M)
    assert [int(number) for number, _ in found] == list(range(len(found)))
    return [state for _, state in found]


@pytest.mark.parametrize("smp", [1, 2, 8])
def test_all_cpus_work(boot, smp):
    assert boot(SUITES, smp=smp).finish().passed


@pytest.mark.parametrize("smp", [64, 255])
def test_many_cpus_work(boot, smp):
    guest = boot(SUITES, smp=smp, memory="512M", timeout=MANY_SECONDS)
    assert guest.finish().passed
    assert re.search(rf"smp: {smp} CPUs, ", guest.machine.text)


@pytest.mark.parametrize("machine", ["pc", "microvm,isa-serial=on"])
def test_cpus_start_on_other_boards(boot, machine):
    guest = boot(SUITES, smp=2, machine=machine, vga="none")
    assert guest.finish().passed
    assert "smp: 2 CPUs" in guest.machine.text


def test_cpus_start_under_bios(boot_iso):
    guest = boot_iso("selftest=smp exit", smp=2)
    assert guest.finish().passed
    assert "smp: 2 CPUs" in guest.machine.text


def test_cpus_start_under_uefi(boot_iso, uefi):
    guest = boot_iso("selftest=smp exit", uefi=True, smp=2)
    assert guest.finish().passed
    assert "smp: 2 CPUs" in guest.machine.text


@pytest.mark.parametrize(
    ("words", "count"),
    [("maxcpus=3", 3), ("maxcpus=1", 1), ("maxcpus=0", 1), ("nosmp", 1)],
)
def test_fewer_cpus_on_request(boot, words, count):
    guest = boot(f"{SHELL_ONLY} {words}", smp=4).wait_prompt()
    assert f"smp: {4 - count} more CPUs are left alone" in guest.machine.text
    assert cpus(guest.run("cpus")) == ["online"] * count


def test_cpus_that_are_not_plugged_in_are_left_alone(boot):
    guest = boot(SHELL_ONLY, smp="2,maxcpus=4").wait_prompt()
    assert cpus(guest.run("cpus")) == ["online"] * 2
    assert "does not start" not in guest.machine.text


def test_without_local_apic_there_is_one_cpu(boot):
    guest = boot(f"{SHELL_ONLY} nolapic", smp=2).wait_prompt()
    assert cpus(guest.run("cpus")) == ["online"]


def test_cpu_that_starts_too_late_is_never_used(boot):
    """Takes 5 s: so long the kernel waits for a CPU."""
    guest = boot("selftest=smp,pages late_cpu=2", smp=4).wait_prompt(30)
    assert "smp: CPU 2 (APIC ID 2) does not start: not used" in guest.machine.text
    assert cpus(guest.run("cpus")) == ["online", "online", "failed", "online"]
    guest.report().check()


def test_each_cpu_counts_its_interrupts(boot):
    guest = boot("selftest=smp", smp=3).wait_prompt()
    answer = guest.run("cpus")
    column = answer.split("\n")[0].split().index("call") - 4
    rows = re.findall(r"^ *\d+ +\d+ online +(.*)", answer, re.M)
    counts = [int(row.split()[column]) for row in rows]
    assert len(counts) == 3
    assert all(count > 0 for count in counts)
    # And their sum is what `interrupts` shows.
    line = re.search(r"^ +call +(\d+)$", guest.run("interrupts"), re.M)
    assert int(line[1]) >= sum(counts)


def test_panic_on_all_cpus_is_one_report(boot):
    guest = boot(f"{SHELL_ONLY} panic=-1", smp=4).wait_prompt()
    guest.type("crash all\r")
    assert guest.machine.wait_exit(20) == EXIT_POWEROFF
    text = guest.machine.text
    report = re.findall(r"Kernel panic: wanted on CPU (\d)\n", text)
    assert len(report) == 1
    assert f"on CPU {report[0]}, in thread " in text
    assert text.count("---[ end of panic: ") == 1
    assert "do not stop" not in text


def test_panic_stops_cpus_that_do_not_listen(boot):
    guest = boot(f"{SHELL_ONLY} panic=-1", smp=3).wait_prompt()
    guest.type("crash deaf\r")
    assert guest.machine.wait_exit(20) == EXIT_POWEROFF
    assert "Kernel panic: wanted on CPU 0" in guest.machine.text
    assert "do not stop" not in guest.machine.text


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("null", r"page fault, .* on CPU 2\n.*a null pointer"),
        ("overflow", r"double fault, .* on CPU 2\n.*its guard page"),
    ],
)
def test_fault_on_another_cpu_is_reported_there(boot, kind, said):
    guest = boot(f"{SHELL_ONLY} panic=-1", smp=4).wait_prompt()
    guest.type(f"crash {kind} 2\r")
    expect = guest.machine.expect
    expect(said, 10)
    expect(r"\[<[0-9a-f]{16}>\] smp_call_interrupt\+", 10)
    expect("Kernel panic: .*\n.*on CPU 2, in thread ", 10)
    assert guest.machine.wait_exit(10) == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == "guest-reset"


@pytest.mark.parametrize("command", ["poweroff", "reboot"])
def test_machine_is_left_with_several_cpus(boot, command):
    guest = boot(SHELL_ONLY, smp=4).wait_prompt()
    guest.type(f"{command}\r")
    assert guest.machine.wait_exit(10) == EXIT_POWEROFF
