# SPDX-License-Identifier: BSD-2-Clause
"""What the boot tests know about the guest: its prompt, its lines, its KTAP."""

import json
import re
import time

import ktap
from machine import EXIT_FAILURE, EXIT_SUCCESS, Config, Machine
from terminal import Screen

PROMPT = "zirvium> "

# Only what the shell needs; the self-tests are run where they are the point.
SHELL_ONLY = "selftest=none"
TESTS_ONLY = "selftest=all exit"

DETECTION_BEGIN = "Hypervisor Detection: Scanning for virtualization..."
DETECTION_LINES = 4

MENU_ENTRY = r"^ *\*(.*\S) *\n"
MENU_SECONDS = 5.0  # until the mark has moved

BOOT_TIME = r"^Boot: (\d+) us from kernel entry to prompt$"


class Guest:
    """Zirvium in a machine."""

    def __init__(self, machine: Machine):
        self.machine = machine

    @classmethod
    def start(cls, start, **options) -> "Guest":
        return cls(start(Config(**options)))

    def wait_prompt(self, timeout: float | None = None) -> "Guest":
        self.machine.expect(rf"^{re.escape(PROMPT)}", timeout)
        return self

    def type(self, keys: str) -> "Guest":
        self.machine.send(keys)
        return self

    def run(self, line: str, timeout: float = 20.0) -> str:
        """Run one command at the prompt; what it printed, as plain text."""
        machine = self.machine
        begin = machine.position
        self.type(line + "\r")
        machine.expect(r"\n", timeout)  # the echoed line has ended
        begin = machine.position
        end = machine.expect(rf"^{re.escape(PROMPT)}", timeout).start()
        return machine.text[begin:end]

    def virt(self, timeout: float = 60.0) -> dict:
        """What `virt --json` says; slow where each byte is an exit."""
        said = self.run("virt --json", timeout)
        # The echo ends up in it where the console was slow.
        return json.loads(said[said.index("{") :])

    def wait_line(self, text: str, timeout: float = 10.0) -> "Guest":
        """Wait until the line with the cursor reads @text on a terminal."""
        limit = time.monotonic() + timeout
        shown = None
        while time.monotonic() < limit:
            screen = Screen().feed(bytes(self.machine.raw))
            shown = screen.cursor_line
            if shown == text.rstrip():
                self.machine.position = len(self.machine.text)
                return self
            time.sleep(0.05)
        raise self.machine.error(f"the line shows {shown!r}, expected {text!r}")

    def choose(self, entry: str, timeout: float = 40.0):
        """Choose the boot menu's entry that matches @entry, by arrow keys."""
        machine = self.machine
        # GRUB marks the chosen entry with an asterisk.
        marked = machine.expect(MENU_ENTRY, timeout)
        while not re.fullmatch(entry, marked[1]):
            machine.send("\x1b[B")
            marked = machine.expect(MENU_ENTRY, MENU_SECONDS)
        machine.send("\r")

    def lines(self) -> list[str]:
        return self.machine.text.split("\n")

    def detection(self) -> list[str]:
        """The lines from the detection's first one on, a few of them."""
        lines = self.lines()
        if DETECTION_BEGIN not in lines:
            raise self.machine.error("no detection lines")
        begin = lines.index(DETECTION_BEGIN)
        return lines[begin : begin + DETECTION_LINES]

    def boot_microseconds(self) -> int:
        """From kernel entry to the prompt, as the kernel measured it."""
        found = re.findall(BOOT_TIME, self.machine.text, re.MULTILINE)
        if len(found) != 1:
            raise self.machine.error(f"{len(found)} lines with the boot's time")
        return int(found[0])

    def report(self) -> ktap.Report:
        """What the self-tests printed so far says."""
        return ktap.parse(self.machine.text)

    def finish(self) -> ktap.Report:
        """Wait for a test run to end; its report, which has no defect.

        The three witnesses must agree: the exit status, the results, and
        the way the machine ended.
        """
        status = self.machine.wait_exit()
        report = self.report()
        if not report.ok:
            wrong = report.summary()
            raise self.machine.error(f"exit status {status}\n{wrong}")
        if status != EXIT_SUCCESS:
            raise self.machine.error(f"exit status {status}, expected 33")
        return report

    def finish_failed(self) -> ktap.Report:
        """As finish(), of a run that must fail, and only by its results."""
        status = self.machine.wait_exit()
        report = self.report()
        if status != EXIT_FAILURE or report.defects or not report.failed:
            wrong = f"exit status {status}, expected a failed run"
            raise self.machine.error(f"{wrong}\n{report.summary()}")
        return report
