# SPDX-License-Identifier: BSD-2-Clause
"""The shell on the serial line, as a person at a terminal meets it."""

import pytest
from zirvium import PROMPT, SHELL_ONLY

UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, DELETE = "\x1b[H", "\x1b[F", "\x1b[3~"

COMMANDS = [
    *("cpuinfo", "dmesg", "help", "meminfo", "panic", "poweroff"),
    *("reboot", "selftest", "virt"),
]


@pytest.fixture(scope="module")
def shell(module_boot):
    """One guest for the tests of this module, which leave it at the prompt."""
    return module_boot(SHELL_ONLY).wait_prompt()


def test_help_lists_every_command_with_a_line(shell):
    lines = shell.run("help").split("\n")
    for command in COMMANDS:
        described = [line.split(None, 1) for line in lines]
        assert [w for w in described if w and w[0] == command and len(w) == 2]


def test_unknown_command_is_named(shell):
    answer = shell.run("frobnicate now")
    assert "frobnicate: command not found" in answer
    assert len(answer.strip().split("\n")) == 1


def test_bad_argument_gets_a_usage_line(shell):
    assert shell.run("virt --frobnicate").startswith("usage: virt")


def test_empty_line_gives_a_new_prompt(shell):
    assert shell.run("").strip() == ""


def test_dmesg_repeats_the_boot_log(shell):
    answer = shell.run("dmesg")
    assert "Hypervisor Detection: Scanning for virtualization..." in answer


def test_cpuinfo_names_the_cpu(shell):
    assert "QEMU Virtual CPU" in shell.run("cpuinfo")


def test_meminfo_answers(shell):
    assert shell.run("meminfo").strip()


def test_named_suite_runs_from_the_shell(shell):
    assert "KTAP version 1" in shell.run("selftest printk", timeout=60)


def test_unknown_suite_is_a_failure(shell):
    answer = shell.run("selftest no-such-suite")
    assert "no-such-suite" in answer
    assert "fail:1" in answer


@pytest.mark.parametrize(
    ("keys", "meant"),
    [
        (f"elp{HOME}h", "help"),
        (f"xhelp{HOME}{DELETE}", "help"),
        (f"hep{LEFT}l", "help"),
        (f"hlp{LEFT}{LEFT}e{END}", "help"),
        (f"helpp{LEFT}{RIGHT}\x7f", "help"),
        ("helpx\x08", "help"),
    ],
    ids=["home", "delete", "left", "left-end", "right-backspace", "ctrl-h"],
)
def test_line_can_be_edited(shell, keys, meant):
    shell.type(keys)
    shell.wait_line(PROMPT + meant)
    assert "poweroff" in shell.run("")


def test_control_c_drops_the_line(shell):
    shell.type("poweroff\x03")
    shell.wait_prompt()
    assert "poweroff" in shell.run("help")


def test_history_brings_back_earlier_lines(shell):
    shell.run("first-unknown")
    shell.run("second-unknown")
    shell.type(UP + UP)
    shell.wait_line(PROMPT + "first-unknown")
    shell.type(DOWN)
    shell.wait_line(PROMPT + "second-unknown")
    assert "second-unknown" in shell.run("")


def test_tab_completes_a_command(shell):
    shell.type("cpui\t")
    shell.wait_line(PROMPT + "cpuinfo")
    assert "QEMU" in shell.run("")


def test_tab_lists_what_is_possible(shell):
    shell.type("p\t\t")
    shell.machine.expect("panic")
    shell.machine.expect("poweroff")
    shell.type("\x03")
    shell.wait_prompt()


def test_very_long_line_is_survived(shell):
    shell.type("x" * 5000 + "\r")
    shell.machine.expect("x: command not found")
    shell.wait_prompt()
    assert "poweroff" in shell.run("help")


def test_bytes_that_are_not_text_are_survived(shell):
    junk = "".join(chr(c) for c in range(0x80, 0x100))
    shell.type(junk + "\x1b[999;999R\x1b[" + "1;" * 200 + "\x00\x01\x02\x03")
    shell.wait_prompt()
    shell.type("\x03")
    shell.wait_prompt()
    assert "poweroff" in shell.run("help")
