# SPDX-License-Identifier: BSD-2-Clause
"""Clocks, the devices that drive timers, and the date, on machines that lack
some of them.

Each case runs the self-tests of time in a machine of its own, because which
devices a machine has is the subject.
"""

import re
import time

import pytest
from zirvium import SHELL_ONLY

TESTS = "selftest=clock,time,irq,paravirt exit"

MICROVM = "microvm,isa-serial=on"
BARE_MICROVM = f"{MICROVM},acpi=off,pit=off,pic=off,rtc=off"

# What is missing or refused, and what must be used then.
MACHINES = [
    ("q35", "", "tsc", "lapic"),
    ("q35,hpet=off", "", "tsc", "lapic"),
    ("q35,pit=off", "", "tsc", "lapic"),
    ("q35,hpet=off,pit=off", "", "tsc", "lapic"),
    ("pc,acpi=off", "", "tsc", "lapic"),
    ("q35", "tsc=unstable", "hpet", "lapic"),
    ("q35,hpet=off", "tsc=unstable", "acpi_pm", "lapic"),
    ("pc,hpet=off,acpi=off", "tsc=unstable", "pit", "lapic"),
    ("q35", "nolapic_timer", "tsc", "hpet"),
    ("pc", "nolapic_timer", "tsc", "hpet"),
    ("q35,hpet=off", "nolapic_timer", "tsc", "pit"),
    ("pc,hpet=off", "nolapic_timer", "tsc", "pit"),
    ("q35,hpet=off,pit=off", "nolapic_timer", "tsc", None),
    ("q35,pit=off", "nolapic_timer tsc=unstable", "hpet", "hpet"),
    ("pc", "tsc=unstable clocksource=hpet clockevent=pit", "hpet", "pit"),
    (
        "pc,hpet=off",
        "nolapic_timer tsc=unstable clocksource=pit",
        "pit",
        "pit",
    ),
    ("q35", "nolapic", "tsc", None),
    (f"{MICROVM},acpi=off", "", "tsc", "lapic"),
    (f"{MICROVM},acpi=off", "tsc=unstable", "pit", "lapic"),
    (f"{MICROVM},acpi=off", "nolapic_timer", "tsc", None),
    # Its PIT is on a line that its tables do not name.
    (f"{MICROVM},acpi=on", "nolapic_timer", "tsc", "pit"),
    (f"{MICROVM},acpi=on,pit=off", "nolapic_timer", None, None),
    (BARE_MICROVM, "", None, "lapic"),
    (BARE_MICROVM, "nolapic_timer tsc=unstable", None, None),
]


def used(guest, what):
    """What the kernel says it uses as "clock" or "timer", or None."""
    found = re.findall(
        rf"\] {what}: (\S+)(?: at \d+ kHz|, one shot)", guest.machine.text
    )
    return found[0] if found else None


@pytest.mark.parametrize("machine, append, clock, timer", MACHINES)
def test_what_there_is_keeps_time(boot, machine, append, clock, timer):
    guest = boot(f"{TESTS} {append}", machine=machine, vga="none")
    report = guest.finish()
    assert report.passed
    assert used(guest, "clock") == clock
    assert used(guest, "timer") == timer


@pytest.mark.parametrize("machine, append, clock, timer",
                         [m for m in MACHINES if m[0] != BARE_MICROVM and
                          m[3] is None])
def test_everything_else_works_without_timers(boot, machine, append, clock,
                                              timer):
    words = f"selftest=all exit {append}"
    guest = boot(words, machine=machine, vga="none")
    assert guest.finish().passed
    assert (used(guest, "clock"), used(guest, "timer")) == (clock, timer)


@pytest.mark.parametrize(
    "append, warning",
    [
        ("clocksource=sundial", "there is no clock sundial: using tsc"),
        ("clockevent=rooster", "there is no timer rooster: using lapic"),
        ("clockevent=hpet nolapic", "there is no timer hpet"),
    ],
)
def test_what_there_is_not_is_not_used(boot, append, warning):
    guest = boot(f"{TESTS} {append}", vga="none")
    guest.finish()
    assert warning in guest.machine.text


def date(guest, arguments="+%s"):
    return guest.run(f"date {arguments}").strip()


def test_date_is_the_real_time_clocks_and_goes_on(boot):
    base = "base=2026-02-28T23:59:58"
    guest = boot(SHELL_ONLY, vga="none", extra=("-rtc", base)).wait_prompt()
    first = int(date(guest))
    assert 1772323198 <= first < 1772323198 + 60
    time.sleep(2.1)  # into March, which this test is about
    assert date(guest, "-u +%F").startswith("2026-03-01")
    assert re.fullmatch(r"Sun Mar  1 00:00:\d\d UTC 2026", date(guest, ""))
    assert int(date(guest, "-u +%s")) - first >= 2


def test_machine_without_real_time_clock_knows_no_date(boot):
    guest = boot(SHELL_ONLY, machine=BARE_MICROVM, vga="none").wait_prompt()
    assert "does not say what time it is" in date(guest)


def test_wrong_use_of_date_is_explained(boot):
    guest = boot(SHELL_ONLY, vga="none").wait_prompt()
    assert "date [-u] [+FORMAT]" in date(guest, "yesterday")
    assert date(guest, "+%Q%%") == "%Q%"


def test_timers_shows_what_is_used_and_what_is_due(boot):
    guest = boot(f"{SHELL_ONLY} clockevent=hpet", vga="none").wait_prompt()
    shown = guest.run("timers")
    assert re.search(r"clocks: tsc \(\d+ kHz\), then hpet \(\d+ kHz\)", shown)
    assert "interrupts by: hpet, on the boot CPU" in shown
    # The end of a turn may be due still, from when others ran.
    due = r"^ +0 +\d+  (nothing|in \d+ us)"
    assert re.search(due, shown, re.MULTILINE)
    assert "not asked for" in shown
    date(guest)
    assert "time of day: real-time clock" in guest.run("timers")


def boot_cpus(boot, append, **config):
    """A finished machine with several CPUs."""
    guest = boot(f"selftest=clock,time,timer-cpus exit {append}", **config)
    report = guest.finish()
    assert re.search(r"\] smp: \d+ CPUs", guest.machine.text)
    assert report.passed
    assert not report.skipped
    return guest


@pytest.mark.parametrize(
    "append, clock, timer",
    [
        ("", "tsc", "lapic"),
        # One device for all CPUs, and clocks of all kinds.
        ("nolapic_timer tsc=unstable", "hpet", "hpet"),
        ("clockevent=pit clocksource=acpi_pm", "acpi_pm", "pit"),
        ("clockevent=pit clocksource=pit", "pit", "pit"),
    ],
)
def test_several_cpus_keep_one_time(boot, append, clock, timer):
    guest = boot_cpus(boot, append, smp=3, vga="none")
    assert used(guest, "clock") == clock
    assert used(guest, "timer") == timer


# Three to ten seconds: so many are asked for, and on two CPUs of a host that
# is busy otherwise.
def test_ten_million_readings_on_two_cpus_never_go_back(boot):
    thorough = "selftest_clock_reads=10000000"
    guest = boot_cpus(boot, thorough, smp=2, vga="none", timeout=120)
    assert re.search(r"1000\d{4} readings on 2 CPUs", guest.machine.text)
