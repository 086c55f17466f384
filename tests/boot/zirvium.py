# SPDX-License-Identifier: BSD-2-Clause
"""What the boot tests know about the guest: its prompt, its lines, its KTAP."""

import re

import ktap
from machine import EXIT_FAILURE, EXIT_SUCCESS, Config, Machine
from terminal import plain

PROMPT = "zirvium> "

# Only what the shell needs; the self-tests are run where they are the point.
SHELL_ONLY = "selftest=none"
TESTS_ONLY = "selftest=all exit"

DETECTION_BEGIN = "Hypervisor Detection: Scanning for virtualization..."
DETECTED = [
    DETECTION_BEGIN,
    "Hypervisor detected! (CPUID.1.ECX[31]=1)",
]


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

    def log(self) -> str:
        """All text so far."""
        return self.machine.text

    def lines(self) -> list[str]:
        return self.log().split("\n")

    def detection(self) -> list[str]:
        """The lines from the detection's first one on, a paragraph of them."""
        lines = self.lines()
        if DETECTION_BEGIN not in lines:
            raise self.machine.error("no detection lines")
        begin = lines.index(DETECTION_BEGIN)
        return [line for line in lines[begin : begin + 8] if line]

    def finish(self) -> ktap.Report:
        """Wait for a test run to end; its report, which has no defect.

        The three witnesses must agree: the exit status, the results, and
        the way the machine ended.
        """
        status = self.machine.wait_exit()
        report = ktap.parse(plain(self.machine.raw.decode("latin-1")))
        if not report.ok:
            raise self.machine.error(f"exit status {status}\n{report.summary()}")
        if status != EXIT_SUCCESS:
            raise self.machine.error(f"exit status {status}, expected 33")
        return report

    def finish_failed(self) -> ktap.Report:
        """As finish(), of a run that must fail, and only by its results."""
        status = self.machine.wait_exit()
        report = ktap.parse(plain(self.machine.raw.decode("latin-1")))
        if status != EXIT_FAILURE or report.defects or not report.failed:
            raise self.machine.error(
                f"exit status {status}, expected a failed run\n{report.summary()}"
            )
        return report
