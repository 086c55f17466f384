# SPDX-License-Identifier: BSD-2-Clause
"""Start QEMU as one exactly described machine, watch it, and end it.

Nothing here knows the guest. Each option that changes what the guest sees is
pinned (no user configuration, no default devices), every machine has a hard
limit of wall-clock time after which its process group is killed, and the
whole serial output is on disk while the machine still runs.
"""

import itertools
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from terminal import PlainStream

QEMU = {"x86": "qemu-system-x86_64", "arm64": "qemu-system-aarch64"}

# Exit statuses of QEMU with isa-debug-exit: (value written << 1) | 1. On
# arm64 the guest gives the same ones by semihosting.
EXIT_POWEROFF = 0  # also after a reset, because of -no-reboot
EXIT_SUCCESS = 33
EXIT_FAILURE = 35

DEBUG_EXIT = {
    "x86": ["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"],
    "arm64": ["-semihosting-config", "enable=on,target=native"],
}

# What a machine of arm64 has unless a test says otherwise.
ARM64 = {"arch": "arm64", "machine": "virt", "cpu": "cortex-a57", "vga": "none"}

TAIL_LINES = 40
QMP_TIMEOUT = 10.0  # seconds for QEMU to answer one command
KILL_GRACE = 5.0  # seconds after which timeout(1) ends what we did not

# Unified firmware images, best first: (code, variables).
FIRMWARE_IMAGES = {
    "x86": (
        ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
        ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
    ),
    "arm64": (
        ("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
    ),
}
FIRMWARE_PACKAGES = {"x86": "ovmf", "arm64": "qemu-efi-aarch64"}


class MachineError(AssertionError):
    """The machine did not do what was expected; the message has its log."""


def find_firmware(arch: str = "x86") -> tuple[Path, Path] | None:
    """Code and variable images of UEFI firmware, or None."""
    for code, variables in FIRMWARE_IMAGES[arch]:
        if os.access(code, os.R_OK) and os.access(variables, os.R_OK):
            return Path(code), Path(variables)
    return None


@dataclass(frozen=True)
class Config:
    """One machine. Boots @kernel (PVH), else @cdrom, else @disk."""

    arch: str = "x86"
    kernel: Path | None = None
    initrd: Path | None = None  # beside @kernel
    append: str = ""
    cdrom: Path | None = None
    disk: Path | None = None
    uefi: bool = False
    machine: str = "q35"
    accel: str = "tcg"
    cpu: str = "qemu64"
    memory: str = "128M"
    smp: int | str = 1  # as QEMU takes it: "2,maxcpus=4"
    serial: bool = True
    vga: str = "std"
    debug_exit: bool = True
    extra: tuple[str, ...] = ()
    timeout: float = 60.0  # seconds of wall-clock time for its whole life

    def arguments(self, variables: Path | None = None) -> list[str]:
        """QEMU's arguments; @variables is a private copy for UEFI."""
        args = ["-nodefaults", "-no-user-config", "-no-reboot"]
        args += ["-display", "none", "-nic", "none", "-vga", self.vga]
        args += ["-machine", self.machine, "-accel", self.accel]
        args += ["-cpu", self.cpu, "-smp", str(self.smp), "-m", self.memory]
        if self.serial:
            args += ["-chardev", "stdio,id=serial0,signal=off"]
            args += ["-serial", "chardev:serial0"]
        if self.debug_exit:
            args += DEBUG_EXIT[self.arch]
        if self.uefi:
            args += self._firmware(variables)
        args += self._media()
        return args + list(self.extra)

    def _firmware(self, variables: Path | None) -> list[str]:
        images = find_firmware(self.arch)
        if images is None or variables is None:
            package = FIRMWARE_PACKAGES[self.arch]
            raise MachineError(f"no UEFI firmware (Debian package {package})")
        flash = "if=pflash,format=raw"
        return [
            *("-drive", f"{flash},unit=0,readonly=on,file={images[0]}"),
            *("-drive", f"{flash},unit=1,file={variables}"),
        ]

    def _media(self) -> list[str]:
        if self.kernel:
            args = ["-kernel", str(self.kernel), "-append", self.append]
            return args + (["-initrd", str(self.initrd)] if self.initrd else [])
        if self.cdrom:
            return ["-cdrom", str(self.cdrom), "-boot", "order=d"]
        if self.disk:
            # Changes go to a temporary file, so that the image stays as it is.
            drive = f"file={self.disk},format=raw,media=disk,snapshot=on"
            return ["-drive", drive, "-boot", "order=c"]
        return []


class Qmp:
    """QEMU's control socket: commands with answers, events remembered."""

    def __init__(self, sock: socket.socket):
        self._socket = sock
        self._file = sock.makefile("rw", encoding="utf-8", newline="\n")
        self._changed = threading.Condition()
        self._answers: dict[int, dict] = {}
        self._requests = itertools.count(1)
        self.events: list[dict] = []
        self._closed = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        # QEMU sends no events before this, and the guest may be quick.
        self._send("qmp_capabilities", {})

    def _read(self):
        try:
            for line in self._file:
                self._take(json.loads(line))
        except (OSError, ValueError):
            pass  # QEMU died in the middle of a line
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _take(self, message: dict):
        with self._changed:
            if "event" in message:
                self.events.append(message)
            elif "id" in message:
                self._answers[message["id"]] = message
            self._changed.notify_all()

    def _send(self, name: str, arguments: dict) -> int:
        number = next(self._requests)
        request = {"execute": name, "arguments": arguments, "id": number}
        self._file.write(json.dumps(request) + "\n")
        self._file.flush()
        return number

    def command(self, name: str, /, **arguments):
        """Execute @name and return its answer; MachineError on refusal."""
        try:
            number = self._send(name, arguments)
        except OSError as error:
            raise MachineError(f"QMP: {name}: {error}") from error
        with self._changed:
            self._changed.wait_for(
                lambda: number in self._answers or self._closed,
                timeout=QMP_TIMEOUT,
            )
            answer = self._answers.pop(number, None)
        if answer is None:
            raise MachineError(f"QMP: no answer to {name}")
        if "error" in answer:
            raise MachineError(f"QMP: {name}: {answer['error']['desc']}")
        return answer["return"]

    def wait_event(self, name: str, timeout: float) -> dict:
        """The first event @name; MachineError if it does not come."""

        def found():
            return next((e for e in self.events if e["event"] == name), None)

        with self._changed:
            self._changed.wait_for(lambda: found() or self._closed, timeout)
        if not (event := found()):
            raise MachineError(f"QMP: no event {name}")
        return event

    def close(self):
        """Join the reader once QEMU is gone, so that no event is missed."""
        self._thread.join(QMP_TIMEOUT)
        self._socket.close()


class Machine:
    """A running QEMU. Use it as a context manager: leaving it kills it.

    expect() looks at the plain text (no escape sequences, newlines only)
    after the last match; raw holds the bytes as they came.
    """

    def __init__(self, config: Config, log: Path, via: Sequence[str] = ()):
        """@via: the words of a command that runs QEMU somewhere else."""
        self.config = config
        self.log = log
        self.via = via
        self.raw = bytearray()
        self.text = ""
        self.position = 0
        self.timed_out = False
        self._changed = threading.Condition()
        self._eof = False
        self._plain = PlainStream()
        log.parent.mkdir(parents=True, exist_ok=True)
        self._start()

    def _start(self):
        self._private: list[Path] = []
        variables = None
        images = find_firmware(self.config.arch)
        if self.config.uefi and images:
            variables = self.log.with_suffix(".vars.fd")
            shutil.copyfile(images[1], variables)
            self._private.append(variables)
        ours, theirs = socket.socketpair()
        qemu = QEMU[self.config.arch]
        self.command_line = [qemu, *self.config.arguments(variables)]
        control = ["-chardev", f"socket,id=qmp0,fd={theirs.fileno()}"]
        control += ["-mon", "chardev=qmp0,mode=control"]
        self._spawn([*self.command_line, *control], (theirs.fileno(),))
        self.qmp = Qmp(ours)
        theirs.close()

    def _spawn(self, command: list[str], fds: tuple[int, ...] = ()):
        """Run @command where this machine is, and listen to it."""
        # timeout(1) still ends the machine if this process is killed.
        limit = str(self.config.timeout + KILL_GRACE)
        guard = ["timeout", "--signal=KILL", limit]
        self._stderr_path = self.log.with_suffix(".stderr")
        self._log_file = self.log.open("wb", buffering=0)
        self._started = time.monotonic()
        with self._stderr_path.open("wb") as stderr:
            self._process = subprocess.Popen(
                [*guard, *self.via, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                pass_fds=fds,
                start_new_session=True,
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._watchdog = threading.Timer(self.config.timeout, self._expire)
        self._watchdog.daemon = True
        self._watchdog.start()

    def _read(self):
        while data := os.read(self._process.stdout.fileno(), 65536):
            self._log_file.write(data)
            with self._changed:
                self.raw += data
                self.text += self._plain.feed(data)
                self._changed.notify_all()
        self._process.wait()
        with self._changed:
            self._eof = True
            self._changed.notify_all()

    def _expire(self):
        if self._process.poll() is None:
            self.timed_out = True
            self._kill()

    def _kill(self):
        """End the process group that _start() created, and only that."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Kill the machine if it still runs, and give everything back."""
        self._watchdog.cancel()
        self._kill()
        self._process.wait()
        self._reader.join()
        self.qmp.close()
        self._process.stdin.close()
        self._process.stdout.close()
        self._log_file.close()
        for path in self._private:
            path.unlink(missing_ok=True)
        if self._stderr_path.exists() and not self.stderr:
            self._stderr_path.unlink()

    @property
    def seconds(self) -> float:
        """Since the machine was started."""
        return time.monotonic() - self._started

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def stderr(self) -> str:
        try:
            return self._stderr_path.read_text(errors="replace").strip()
        except FileNotFoundError:
            return ""

    @property
    def shutdown_reason(self) -> str:
        """Why QEMU stopped: "guest-shutdown", "guest-reset", ... or ""."""
        for event in self.qmp.events:
            if event["event"] == "SHUTDOWN":
                return event["data"]["reason"]
        return ""

    def tail(self, lines: int = TAIL_LINES) -> str:
        """The end of the log as text, with what QEMU itself said."""
        text = "\n".join(self.text.rstrip("\n").split("\n")[-lines:])
        note = f"\nQEMU: {self.stderr}" if self.stderr else ""
        return (
            f"--- last {lines} lines of {self.log} ---\n{text}\n"
            f"--- after {self.seconds:.1f} s; to repeat it:\n"
            f"{shlex.join(self.command_line)}{note}"
        )

    def error(self, what: str) -> MachineError:
        if self.timed_out:
            limit = f"{self.config.timeout:g} s"
            what = f"killed after its limit of {limit}: {what}"
        return MachineError(f"{what}\n{self.tail()}")

    def expect(self, pattern: str, timeout: float | None = None) -> re.Match:
        """Wait until @pattern matches after the last match, and step past it.

        ^ and $ match at lines, but $ also where the text ends so far: to see
        a whole line, end with a newline. @timeout in seconds; None: the
        machine's own limit. MachineError on timeout or at the machine's end.
        """
        regex = re.compile(pattern, re.MULTILINE)
        match = None

        def seen():
            nonlocal match
            match = regex.search(self.text, self.position)
            return match is not None or self._eof

        with self._changed:
            self._changed.wait_for(seen, timeout=self._limit(timeout))
            if match is None:
                ended = "the machine ended" if self._eof else "timeout"
                raise self.error(f"{ended} while waiting for {pattern!r}")
            self.position = match.end()
        return match

    def _limit(self, timeout: float | None) -> float:
        # The watchdog ends every wait; this is only never to be the first.
        own = self.config.timeout + KILL_GRACE - self.seconds
        return max(0.0, own if timeout is None else min(timeout, own))

    def send(self, text: str):
        """Type @text, as it is, on the serial line."""
        try:
            self._process.stdin.write(text.encode("latin-1"))
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise self.error(f"cannot send {text!r}: {error}") from error

    def wait_exit(self, timeout: float | None = None) -> int:
        """Wait for the machine to end by itself; QEMU's exit status."""
        with self._changed:
            self._changed.wait_for(lambda: self._eof, self._limit(timeout))
            if not self._eof:
                raise self.error("timeout while waiting for the machine to end")
        if self.timed_out:
            raise self.error("it did not end by itself")
        self.qmp.close()
        return self._process.returncode

    def wait_event(self, name: str, timeout: float | None = None) -> dict:
        """Wait for QEMU's event @name; its data."""
        try:
            return self.qmp.wait_event(name, self._limit(timeout))["data"]
        except MachineError as error:
            raise self.error(str(error)) from error

    def press(self, *keys: str):
        """Press @keys (QEMU key codes; "shift-a" is a chord) one by one."""
        for key in keys:
            chord = [{"type": "qcode", "data": k} for k in key.split("-")]
            self.qmp.command("send-key", keys=chord, **{"hold-time": 20})
            time.sleep(0.04)  # longer than the key is held: order is kept

    def read_memory(self, address: int, size: int) -> bytes:
        """Bytes of the guest's physical memory."""
        path = self.log.with_suffix(".memory")
        self.qmp.command("pmemsave", val=address, size=size, filename=str(path))
        try:
            return path.read_bytes()
        finally:
            path.unlink()

    def screendump(self, path: Path, form: str = "ppm"):
        """Write a picture of the display to @path ("ppm" or "png")."""
        self.qmp.command("screendump", filename=str(path), format=form)
