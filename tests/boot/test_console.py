# SPDX-License-Identifier: BSD-2-Clause
"""Consoles other than the serial line: the display and the keyboard."""

import time

import picture
from machine import EXIT_POWEROFF, EXIT_SUCCESS
from zirvium import PROMPT, SHELL_ONLY, TESTS_ONLY

VGA_TEXT = 0xB8000
COLUMNS, ROWS = 80, 25
NO_SERIAL_SLOWDOWN_SECONDS = 3.0


def vga_rows(machine) -> list[str]:
    """What an 80x25 text display shows."""
    cells = machine.read_memory(VGA_TEXT, COLUMNS * ROWS * 2)
    text = cells[::2].replace(b"\0", b" ").decode("cp437")
    starts = range(0, len(text), COLUMNS)
    return [text[i : i + COLUMNS].rstrip() for i in starts]


def wait_row(machine, text: str, seconds: float = 20.0) -> list[str]:
    """Wait until a row of the text display reads @text."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        rows = vga_rows(machine)
        if text.rstrip() in rows:
            return rows
        time.sleep(0.1)
    raise machine.error(f"{text!r} is not on the display:\n" + "\n".join(rows))


def wait_picture(machine, last: str, path, seconds: float = 20.0) -> list[str]:
    """Wait until the last row of text in a picture of the display is @last."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        machine.screendump(path)
        rows = [row for row in picture.text_rows(picture.Picture(path)) if row]
        # What stands at the cursor may be drawn as more than its character.
        if rows and rows[-1].rstrip(picture.UNKNOWN + " ") == last.rstrip():
            return rows
        time.sleep(0.2)
    raise machine.error(f"{last!r} is not on the display:\n" + "\n".join(rows))


def test_display_shows_what_the_serial_line_shows(boot):
    guest = boot(SHELL_ONLY).wait_prompt()
    rows = wait_row(guest.machine, PROMPT)
    assert "Hypervisor: QEMU" in rows


def test_keyboard_drives_the_shell(boot):
    guest = boot(SHELL_ONLY).wait_prompt()
    guest.machine.press(*"help", "ret")
    guest.machine.expect(r"^\s*poweroff\b", 10)
    guest.wait_prompt(10)
    assert any("poweroff" in row for row in wait_row(guest.machine, PROMPT))


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


def test_framebuffer_shows_the_prompt_under_uefi(boot_iso, uefi, tmp_path):
    guest = boot_iso(SHELL_ONLY, uefi=True).wait_prompt()
    rows = wait_picture(guest.machine, PROMPT, tmp_path / "screen.ppm")
    assert "Hypervisor: QEMU" in rows
    guest.machine.press(*"help", "ret")
    rows = wait_picture(guest.machine, PROMPT, tmp_path / "screen.ppm")
    assert any(row.split()[:1] == ["poweroff"] for row in rows)


def test_text_display_shows_the_prompt_under_bios(boot_iso):
    guest = boot_iso(SHELL_ONLY).wait_prompt()
    wait_row(guest.machine, PROMPT)
