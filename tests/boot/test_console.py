# SPDX-License-Identifier: BSD-2-Clause
"""Consoles other than the serial line: the display and the keyboard."""

import time

import picture
import pytest
from machine import EXIT_POWEROFF, EXIT_SUCCESS
from zirvium import PROMPT, SHELL_ONLY, TESTS_ONLY

VGA_TEXT = 0xB8000
COLUMNS, ROWS = 80, 25
TEXT_MODE_PIXELS = (720, 400)
NO_SERIAL_SLOWDOWN_SECONDS = 3.0


def text_display(machine) -> list[str]:
    """What an 80x25 text display shows."""
    cells = machine.read_memory(VGA_TEXT, COLUMNS * ROWS * 2)
    text = cells[::2].replace(b"\0", b" ").decode("cp437")
    starts = range(0, len(text), COLUMNS)
    return [text[i : i + COLUMNS].rstrip() for i in starts]


def display(machine, path) -> list[str]:
    """The rows of text that a person sees; @path is for a picture."""
    machine.screendump(path)
    shown = picture.Picture(path)
    if (shown.width, shown.height) == TEXT_MODE_PIXELS:
        return text_display(machine)
    return picture.text_rows(shown)


def wait_display(machine, last: str, path, seconds: float = 20.0) -> list[str]:
    """Wait until the last row of the display is @last; rows with text."""
    limit = time.monotonic() + seconds
    rows = []
    while time.monotonic() < limit:
        rows = [row for row in display(machine, path) if row]
        # What stands at the cursor may be drawn as more than its character.
        if rows and rows[-1].rstrip(picture.UNKNOWN + " ") == last.rstrip():
            return rows
        time.sleep(0.2)
    shown = "\n".join(rows)
    raise machine.error(f"{last!r} is not on the display, but:\n{shown}")


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_display_and_keyboard_are_a_console(boot_iso, uefi, firmware, tmp_path):
    path = tmp_path / "screen.ppm"
    guest = boot_iso(SHELL_ONLY, uefi=firmware == "uefi").wait_prompt()
    assert "Hypervisor: QEMU" in wait_display(guest.machine, PROMPT, path)
    guest.machine.press(*"uptime", "ret")
    guest.machine.expect("^up 0:", 10)
    rows = wait_display(guest.machine, PROMPT, path)
    assert rows[-3] == PROMPT + "uptime"
    assert rows[-2].startswith("up 0:")


@pytest.mark.parametrize("machine", ["q35", "pc"])
def test_text_display_is_a_console_after_pvh(boot, machine, tmp_path):
    guest = boot(SHELL_ONLY, machine=machine, serial=False)
    path = tmp_path / "screen.ppm"
    assert "Hypervisor: QEMU" in wait_display(guest.machine, PROMPT, path)


def test_keyboard_drives_the_shell(boot):
    guest = boot(SHELL_ONLY).wait_prompt()
    guest.machine.press(*"help", "ret")
    guest.machine.expect(r"^\s*poweroff\b", 10)
    guest.wait_prompt(10)


def test_keyboard_has_shift_and_editing_keys(boot):
    guest = boot(SHELL_ONLY).wait_prompt()
    guest.machine.press("shift-a", "b", "left", "shift-2")
    guest.machine.press("home", "delete", "1")
    guest.wait_line(PROMPT + "1@b")


def test_machine_without_serial_port_is_usable(boot):
    guest = boot(SHELL_ONLY, serial=False)
    wait_row(guest.machine, PROMPT)
    guest.machine.press(*"poweroff", "ret")
    assert guest.machine.wait_exit(10) == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == "guest-shutdown"


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_machine_without_serial_port_is_usable(
    boot_iso, uefi, firmware, tmp_path
):
    guest = boot_iso(SHELL_ONLY, serial=False, uefi=firmware == "uefi")
    wait_display(guest.machine, PROMPT, tmp_path / "screen.ppm", 40)
    guest.machine.press(*"poweroff", "ret")
    assert guest.machine.wait_exit(10) == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == "guest-shutdown"


def test_missing_serial_port_does_not_slow_the_boot(boot):
    seconds = {}
    for serial in (True, False):
        guest = boot(TESTS_ONLY, serial=serial)
        assert guest.machine.wait_exit() == EXIT_SUCCESS
        seconds[serial] = guest.machine.seconds
    assert seconds[False] < seconds[True] + NO_SERIAL_SLOWDOWN_SECONDS


def test_machine_without_any_console_still_runs_its_tests(boot):
    guest = boot(TESTS_ONLY, serial=False, vga="none")
    assert guest.machine.wait_exit() == EXIT_SUCCESS


def test_debug_port_is_a_console_where_it_is_asked_for(boot, tmp_path):
    log = tmp_path / "e9.txt"
    port = ("-chardev", f"file,id=e9,path={log}",
            "-device", "isa-debugcon,iobase=0xe9,chardev=e9")
    guest = boot("selftest=string exit earlycon=e9", extra=port)
    assert guest.machine.wait_exit(30) == EXIT_SUCCESS
    lines = log.read_text().splitlines()
    assert lines[0].startswith("Zirvium ")
    assert "ok 1 string" in lines


def test_debug_port_is_silent_where_nobody_asks_for_it(boot, tmp_path):
    log = tmp_path / "e9.txt"
    port = ("-chardev", f"file,id=e9,path={log}",
            "-device", "isa-debugcon,iobase=0xe9,chardev=e9")
    guest = boot("selftest=string exit", extra=port)
    assert guest.machine.wait_exit(30) == EXIT_SUCCESS
    assert log.read_text() == ""
