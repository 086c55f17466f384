# SPDX-License-Identifier: BSD-2-Clause
"""Command lines that a person may mistype and a loader may mangle."""

import re

import pytest
from machine import EXIT_SUCCESS
from zirvium import SHELL_ONLY


def test_unknown_word_is_reported(boot):
    guest = boot(f"{SHELL_ONLY} frobnicate=1").wait_prompt()
    assert "frobnicate=1" in guest.run("dmesg")


def test_bad_value_is_reported_and_ignored(boot):
    guest = boot(f"{SHELL_ONLY} panic=soon").wait_prompt()
    assert "soon" in guest.run("dmesg")


def test_no_command_line_boots_to_the_prompt(boot):
    boot("").wait_prompt()


@pytest.mark.parametrize(
    "append",
    [
        *("x" * 1500, "x " * 700, "a=" * 400, "\t \t" * 100),
        *('"unterminated', "=" * 50, "-- \x7f\xe9"),
    ],
    ids=[
        *("long-word", "many-words", "equals", "blanks"),
        *("quote", "only-equals", "not-ascii"),
    ],
)
def test_strange_command_line_is_survived(boot, append):
    guest = boot(f"{append} exit")
    machine = guest.machine
    if "unterminated" in append:
        guest.wait_prompt()  # exit is inside the quotes
    else:
        assert machine.wait_exit() == EXIT_SUCCESS


def test_nopv_switches_paravirtualization_off(boot):
    guest = boot(f"{SHELL_ONLY} nopv").wait_prompt()
    assert guest.detection()[3] == "Paravirtualization: Disabled (nopv)"


def test_console_option_chooses_where_output_goes(boot):
    guest = boot("console=tty0 selftest=none exit")
    assert guest.machine.wait_exit() == EXIT_SUCCESS
    assert "Hypervisor:" not in guest.machine.text


def test_quiet_hides_what_is_not_a_warning(boot):
    guest = boot(f"{SHELL_ONLY} quiet").wait_prompt()
    assert not [line for line in guest.lines() if line.startswith("[ ")]


def test_mem_limits_what_is_used(boot):
    guest = boot(f"{SHELL_ONLY} mem=32M", memory="256M").wait_prompt()
    ram = re.search(r"^RAM .* (\d+) bytes$", guest.run("meminfo"), re.M)
    assert int(ram[1]) <= 32 << 20
