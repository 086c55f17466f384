# SPDX-License-Identifier: BSD-2-Clause
"""Threads on one CPU and several, and a kernel that watches its locks."""

import re
import time

import pytest
from machine import Config
from zirvium import SHELL_ONLY, Guest

SUITES = "selftest=sched,wait,work,spin exit"


@pytest.mark.parametrize("smp", [1, 2, 4, 8])
def test_threads_and_locks(boot, smp):
    assert boot(SUITES, smp=smp).finish().passed


def test_threads_without_interrupts(boot):
    assert boot(f"{SUITES} nolapic", smp=2).finish().passed


def test_ps_lists_every_cpu_and_who_asks(boot):
    answer = boot(SHELL_ONLY, smp=3).wait_prompt().run("ps")
    rows = [line.split() for line in answer.splitlines()[1:]]
    names = {row[-1]: row for row in rows}
    assert {"boot", "worker", "idle/0", "idle/1", "idle/2"} <= set(names)
    assert "running" in names["boot"]
    ids = [int(row[0]) for row in rows]
    assert ids == sorted(set(ids))


def test_top_ends_with_a_key_and_shows_idle_cpus(boot):
    guest = boot(SHELL_ONLY, smp=2).wait_prompt()
    guest.type("top\r")
    expect = guest.machine.expect
    for _ in range(2):
        expect(r"2 CPUs, since boot: busy", 10)
        share = expect(r"(\d+)\.\d  idle/\d\n", 10)
    assert int(share[1]) <= 100
    guest.type("q")
    guest.wait_prompt(10)
    assert "CPU" in guest.run("ps")


def test_idle_machine_takes_no_timer_interrupts(boot):
    """No tick and no time slices while there is nobody to switch to."""
    guest = boot(SHELL_ONLY, smp=2).wait_prompt()

    def interrupts():
        line = re.search(r"^.*\btimer\b.*$", guest.run("interrupts"), re.M)
        return sum(int(n) for n in re.findall(r"\b\d+\b", line[0]))

    before = interrupts()
    time.sleep(1)
    # The clock's watchdog may look once; a tick of 100 Hz would be 200.
    assert interrupts() - before <= 4


def test_watched_kernel_finds_only_the_mistakes_made_on_purpose(
        start, debug_kernel):
    config = Config(kernel=debug_kernel, append="selftest=all exit", smp=2)
    guest = Guest(start(config))
    report = guest.finish()
    assert report.passed
    text = guest.machine.text
    begin = text.index("# Subtest: lockdebug")
    end = re.search(r"^ok \d+ lockdebug", text, re.M).start()
    outside = text[:begin] + text[end:]
    assert "BUG" not in outside
    for mistake in ("locks in the wrong order", "is taken in an interrupt",
                    "by who holds it", "by who does not hold it",
                    "sleeps in atomic context"):
        assert mistake in text[begin:end]
    # Both chains, with the places in the code.
    assert re.search(r"BUG: locks in the wrong order: .* at take_both\+.*\n"
                     r".*but before: .* at take_both\+", text)
