# SPDX-License-Identifier: BSD-2-Clause
"""`make run` as a person uses it: in a terminal, with what the host has."""

import os
import shutil
import sys
import time

import pytest
from machine import QEMU
from paths import LOGS, ROOT
from zirvium import DETECTION_BEGIN, PROMPT

pexpect = pytest.importorskip("pexpect", reason="no python3-pexpect")

RUN_SECONDS = 90  # a build that has nothing to do, and a boot
FALLBACK_SECONDS = 40  # until the prompt, with a KVM that hangs first

# Stands in PATH before QEMU: without KVM it is QEMU.
WRAPPER = """\
#!/bin/sh
case " $* " in
*" kvm "* | *accel=kvm*) {instead} ;;
esac
exec {qemu} "$@"
"""

# Python reads it at its start: a host on which KVM seems to be there.
KVM_SEEMS_TO_BE_THERE = """\
import os

_exists, _access = os.path.exists, os.access
os.path.exists = lambda path: path == "/dev/kvm" or _exists(path)
os.access = lambda path, mode: path == "/dev/kvm" or _access(path, mode)
"""


class Terminal:
    """A terminal in which `make run` was typed."""

    def __init__(self, name: str, *arguments: str, environment=None):
        LOGS.mkdir(parents=True, exist_ok=True)
        self.log = (LOGS / f"{name}.log").open("w", encoding="utf-8")
        self.child = pexpect.spawn(
            "make",
            ["run", *arguments],
            cwd=str(ROOT),
            env={**os.environ, **(environment or {}), "TERM": "vt100"},
            timeout=RUN_SECONDS,
            encoding="latin-1",
            dimensions=(25, 80),
            logfile=None,
        )
        self.child.logfile_read = self.log

    def expect(self, text: str, timeout: float = RUN_SECONDS):
        try:
            self.child.expect_exact(text, timeout=timeout)
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            self.log.flush()
            lines = "\n".join(self.child.before.split("\n")[-40:])
            pytest.fail(
                f"{type(error).__name__} while waiting for {text!r}\n"
                f"--- last lines of {self.log.name} ---\n{lines}",
                pytrace=False,
            )
        return self.child.before

    def quit_qemu(self):
        """As QEMU's monitor teaches: Ctrl-A, X."""
        self.child.send("\x01x")
        self.child.expect(pexpect.EOF, timeout=10)
        self.child.close()

    def close(self):
        self.child.close(force=True)
        self.log.close()


@pytest.fixture
def terminal(request, kernel):
    """terminal(*arguments, environment): a Terminal, closed after the test."""
    opened = []

    def run(*arguments, environment=None) -> Terminal:
        opened.append(
            Terminal(request.node.name, *arguments, environment=environment)
        )
        return opened[-1]

    yield run
    for one in opened:
        one.close()


@pytest.fixture
def kvm_that(tmp_path):
    """kvm_that(does): an environment in which KVM is there and does so."""

    def build(does: str) -> dict:
        wrapper = tmp_path / QEMU["x86"]
        qemu = shutil.which(QEMU["x86"])
        wrapper.write_text(WRAPPER.format(instead=does, qemu=qemu))
        wrapper.chmod(0o755)
        (tmp_path / "sitecustomize.py").write_text(KVM_SEEMS_TO_BE_THERE)
        return {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "PYTHONPATH": str(tmp_path),
        }

    return build


def test_run_shows_the_menu_the_detection_and_a_working_prompt(terminal):
    term = terminal("ACCEL=tcg")
    term.expect("GNU GRUB")
    term.expect(DETECTION_BEGIN)
    term.expect("# Totals:")
    assert "fail:0" in term.child.readline()
    term.expect(PROMPT)
    term.child.send("uptime\r")
    term.expect("up 0:")
    term.expect(PROMPT)
    term.quit_qemu()


def test_run_appends_to_the_command_line(terminal):
    term = terminal("ACCEL=tcg", "APPEND=selftest=none frobnicate=7")
    term.expect("frobnicate=7")
    term.expect(PROMPT)
    assert "KTAP" not in term.child.before
    term.quit_qemu()


def test_run_ends_when_the_guest_powers_off(terminal):
    term = terminal("ACCEL=tcg", "APPEND=selftest=none")
    term.expect(PROMPT)
    term.child.send("poweroff\r")
    term.child.expect(pexpect.EOF, timeout=20)
    term.child.close()
    assert term.child.exitstatus == 0


def test_run_fails_when_the_tests_in_the_guest_fail(terminal):
    term = terminal("ACCEL=tcg", "APPEND=selftest=broken exit")
    term.child.expect(pexpect.EOF)
    term.child.close()
    assert term.child.exitstatus != 0


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ("exec sleep 1000", "within"),
        ("echo 'no such thing' >&2; exit 1", "no such thing"),
        ("exit 35", "35"),
    ],
    ids=["hangs", "refuses", "runs-it-wrongly"],
)
def test_run_falls_back_to_tcg_when_kvm(terminal, kvm_that, does, reason):
    began = time.monotonic()
    environment = kvm_that(does)
    term = terminal("APPEND=selftest=none", environment=environment)
    before = term.expect("Booting in QEMU")
    lines = [line for line in before.split("\r\n") if "TCG" in line]
    assert len(lines) == 1 and reason in lines[0]
    term.expect("Hypervisor: QEMU")
    term.expect(PROMPT, FALLBACK_SECONDS)
    assert time.monotonic() - began < FALLBACK_SECONDS
    term.quit_qemu()


def test_run_uses_a_kvm_that_works(terminal, kernel):
    sys.path.insert(0, str(ROOT / "scripts"))
    from qemu_accel import choose_accel

    accel, reason = choose_accel(kernel, "auto")
    if accel != "kvm":
        pytest.skip(f"KVM: {reason}")
    term = terminal("ACCEL=kvm")
    term.expect("Hypervisor: KVM")
    term.expect("Paravirtualization: Available")
    term.expect(PROMPT)
    term.quit_qemu()
