# SPDX-License-Identifier: BSD-2-Clause
"""The lab itself, before what it says is believed."""

import gzip
import subprocess
import time

import initramfs
import nested
import pytest
from conftest import host
from kvm import KVM
from machine import MachineError
from packages import Cache, Unavailable
from paths import LAB

NO_SUCH_PACKAGE = "zirvium-no-such-package"
STATUS_KILLED = 137


# Packages.


def test_missing_package_is_a_reason_to_skip(tmp_path):
    with pytest.raises(Unavailable, match=NO_SUCH_PACKAGE):
        Cache(tmp_path).package("*.deb", lambda: NO_SUCH_PACKAGE)


def test_lab_without_its_packages_skips(tmp_path, monkeypatch):
    monkeypatch.setattr(nested, "_linux_name", lambda *_: NO_SUCH_PACKAGE)
    with pytest.raises(pytest.skip.Exception, match=NO_SUCH_PACKAGE):
        host(KVM, tmp_path)


def test_package_in_the_cache_is_used_without_asking(tmp_path):
    (tmp_path / "a_1.deb").touch()
    found = Cache(tmp_path).package("a_*.deb", lambda: pytest.fail("asked"))
    assert found.name == "a_1.deb"


# Modules.


def module(directory, name: str, depends: str):
    data = f"\x7fELF\0alias=x\0depends={depends}\0name={name}\0"
    (directory / f"{name}.ko").write_bytes(data.encode())


def test_modules_come_after_what_they_need(tmp_path):
    module(tmp_path, "kvm-amd", "kvm,ccp")
    module(tmp_path, "kvm", "irqbypass")
    module(tmp_path, "ccp", "")
    module(tmp_path, "irqbypass", "")
    modules = initramfs.Modules(tmp_path)
    order = modules.in_order(["kvm-amd", "kvm"])
    assert order == ["irqbypass", "kvm", "ccp", "kvm_amd"]


def test_module_that_the_kernel_lacks_is_a_reason_to_skip(tmp_path):
    with pytest.raises(Unavailable, match="no module kvm"):
        initramfs.Modules(tmp_path).in_order(["kvm"])


def test_archive_is_one_that_linux_reads(tmp_path):
    archive = initramfs.Archive()
    archive.file("a", b"12345")
    archive.write(tmp_path / "archive.gz")
    data = gzip.decompress((tmp_path / "archive.gz").read_bytes())
    assert data[:6] == b"070701"
    assert int(data[54:62], 16) == 5  # the content's size
    assert data[110:112] == b"a\0" and data[112:117] == b"12345"
    assert b"TRAILER!!!\0" in data and len(data) % 4 == 0


# The machine.


def test_machine_that_does_not_get_ready_is_killed_in_time(tmp_path, kvm):
    image = nested.prepare(KVM, LAB)
    began = time.monotonic()
    log = tmp_path / "l1.log"
    with nested.Nested(KVM, image, log, timeout=1.0) as l1:
        with pytest.raises(MachineError, match="limit of 1 s"):
            l1.wait_ready()
        assert not l1.running
    assert time.monotonic() - began < 10.0


def test_machine_that_has_ended_is_replaced(tmp_path, kvm):
    image = nested.prepare(KVM, LAB)
    with nested.Host(KVM, image, tmp_path / "l1.log", timeout=60.0) as lab:
        lab.l1().close()
        assert lab.why_ended()
        assert run(lab, "true").returncode == 0
        assert not lab.why_ended()


# Programs in it.


def run(where, *command: str, limit: float = 20.0, **options):
    words = [*where.l1().remote(limit), *command]
    options = {"capture_output": True, "timeout": 60, "check": False, **options}
    return subprocess.run(words, **options)


def test_streams_and_status_are_carried(kvm):
    done = run(kvm, "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (done.stdout, done.stderr) == (b"out\n", b"err\n")
    assert done.returncode == 7


def test_every_byte_arrives_in_both_directions(kvm):
    data = bytes(range(256)) * 1024
    assert run(kvm, "cat", input=data).stdout == data


def test_program_that_does_not_exist_is_an_error(kvm):
    done = run(kvm, "/no/such/program")
    assert done.returncode == 127
    assert b"/no/such/program" in done.stderr


def test_program_ends_at_its_limit(kvm):
    began = time.monotonic()
    done = run(kvm, "sh", "-c", "sleep 1000", limit=1.0)
    assert done.returncode == STATUS_KILLED
    assert time.monotonic() - began < 15.0


def test_program_ends_with_who_asked_for_it(kvm):
    words = [*kvm.l1().remote(60), "sh", "-c", "echo $$; exec sleep 1000"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as asking:
        number = asking.stdout.readline().decode().strip()
        asking.kill()
    deadline = time.monotonic() + 10.0
    while run(kvm, "kill", "-0", number).returncode == 0:
        assert time.monotonic() < deadline, "it still runs"


def test_programs_run_side_by_side_and_not_too_many(kvm):
    words = [*kvm.l1().remote(60), "sh", "-c", "echo up; exec cat"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    running = [subprocess.Popen(words, **pipes) for _ in range(nested.PORTS)]
    try:
        for program in running:
            assert program.stdout.readline() == b"up\n"
        assert b"all ports" in run(kvm, "true").stderr
    finally:
        for program in running:
            program.communicate(timeout=20)
