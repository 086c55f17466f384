# SPDX-License-Identifier: BSD-2-Clause
"""Run one virtual machine of VirtualBox: process 1 of namespaces of its own.

usage: virtualbox_run.py ROOT SHARED CDROM CONTROL SETTING...

ROOT is the tree with VirtualBox in it, SHARED a directory for the machine's
files, which it sees as /lab, CDROM an image. SETTINGs are those of
`VBoxManage modifyvm`. The streams are the machine's first serial port. What
comes from the file descriptor CONTROL is lines of JSON: a request is the list
of VBoxManage's words, its answer [status, output]. The machine's end is this
program's.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

NAME = "zirvium"
PLACE = "/usr/lib/virtualbox"
SERIAL = "/lab/serial"
ENVIRONMENT = {
    "HOME": "/root",
    "LANG": "C",
    "LOGNAME": "root",
    "PATH": "/usr/bin",
    "USER": "root",
    "LD_LIBRARY_PATH": PLACE,
    "VBOX_APP_HOME": PLACE,
    "VBOX_USER_HOME": "/root/settings",
}
EMPTY = ("tmp", "root", "run")  # directories of the tree that are written to
TOOL_SECONDS = 60


def mount(*words):
    subprocess.run(["mount", *map(str, words)], check=True)


def make_tree(root: Path, shared: Path, cdrom: Path):
    """What VirtualBox sees; nothing is changed in @root itself."""
    mount("--make-rprivate", "/")
    mount("-t", "proc", "proc", root / "proc")
    mount("--rbind", "/dev", root / "dev")
    for name in EMPTY:
        mount("-t", "tmpfs", "tmpfs", root / name)
    mount("--bind", shared, root / "lab")
    (root / "run" / "cd.iso").touch()
    mount("--bind", "-o", "ro", cdrom, root / "run" / "cd.iso")


def start(root: Path, *words: str, **options):
    """A program of VirtualBox's."""
    return subprocess.Popen(
        words,
        executable=str(words[0]),
        env=ENVIRONMENT,
        cwd="/",
        stdin=subprocess.DEVNULL,
        preexec_fn=lambda: (os.chroot(root), os.chdir("/")),
        **options,
    )


def manage(root: Path, *words: str) -> tuple[int, str]:
    """VBoxManage's exit status and what it said."""
    process = start(
        root,
        f"{PLACE}/VBoxManage",
        *words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output, _ = process.communicate(timeout=TOOL_SECONDS)
    return process.returncode, output


def must(root: Path, *words: str):
    status, output = manage(root, *words)
    if status:
        sys.exit(f"VBoxManage {' '.join(words)}: {output}")


def create(root: Path, settings: list[str]):
    folder = ("--basefolder", "/lab")
    kind = ("--ostype", "Other_64")
    must(root, "createvm", "--name", NAME, *kind, *folder, "--register")
    serial = ("--uart1", "0x3f8", "4", "--uart-mode1", "client", SERIAL)
    must(root, "modifyvm", NAME, *serial, *settings)
    must(root, "storagectl", NAME, "--name", "ide", "--add", "ide")
    place = ("--storagectl", "ide", "--port", "0", "--device", "0")
    medium = ("--type", "dvddrive", "--medium", "/run/cd.iso")
    must(root, "storageattach", NAME, *place, *medium)


def serve(root: Path, control: socket.socket):
    """Carry out requests, one after the other."""
    with control.makefile("rw") as lines:
        for line in lines:
            lines.write(json.dumps(manage(root, *json.loads(line))) + "\n")
            lines.flush()


def copy(source: int, target: int):
    try:
        while data := os.read(source, 4096):
            while data:
                data = data[os.write(target, data) :]
    except OSError:
        pass  # one of the two ends


def main():
    root, shared, cdrom = map(Path, sys.argv[1:4])
    control = socket.socket(fileno=int(sys.argv[4]))
    make_tree(root, shared, cdrom)
    create(root, sys.argv[5:])
    # The name is that of the other directory, which may be long.
    os.chdir(shared)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("serial")
    listener.listen(1)
    said = (shared / "headless.log").open("wb")
    machine = start(
        root,
        f"{PLACE}/driverless",
        *("--startvm", NAME, "--vrde", "off"),
        stdout=said,
        stderr=subprocess.STDOUT,
    )
    threading.Thread(target=serve, args=(root, control), daemon=True).start()

    def serial():
        line, _ = listener.accept()
        threading.Thread(
            target=copy, args=(0, line.fileno()), daemon=True
        ).start()
        copy(line.fileno(), 1)

    reader = threading.Thread(target=serial, daemon=True)
    reader.start()
    status = machine.wait()
    reader.join(1)
    if status:
        text = (shared / "headless.log").read_text(errors="replace")
        print(f"VirtualBox ended with {status}:\n{text}", file=sys.stderr)
    os._exit(status)


if __name__ == "__main__":
    main()
