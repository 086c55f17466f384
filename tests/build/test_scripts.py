# SPDX-License-Identifier: BSD-2-Clause
"""The programs under scripts/, on their own."""

import importlib.util
import os
import shutil
import struct
import subprocess
import sys

import pytest

import qemu_accel
from project import ROOT, Project


def load(name):
    spec = importlib.util.spec_from_file_location(
        name.replace("-", "_"), ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# The console font.

def psf1(table):
    """A font of 256 glyphs of 8x8: every row of glyph n is the byte n."""
    glyphs = b"".join(bytes([n] * 8) for n in range(256))
    return b"\x36\x04" + bytes([2, 8]) + glyphs + table


def test_font_follows_the_unicode_table():
    table = b"".join(struct.pack("<HH", 255 - n, 0xffff) for n in range(256))
    font = load("font")
    width, height, glyphs, points = font.read_psf1(psf1(table))
    assert (width, height) == (8, 8)
    chosen = font.select(glyphs, points, font.box(8, 8))
    assert chosen[0x41] == bytes([255 - 0x41] * 8)


def test_font_shows_a_box_for_what_it_lacks():
    font = load("font")
    _, _, glyphs, points = font.read_psf1(psf1(struct.pack("<HH", 65, 0xffff)))
    chosen = font.select(glyphs, points, font.box(8, 8))
    assert chosen[65] == bytes(8)
    assert chosen[66] == font.box(8, 8) != bytes(8)


def test_font_ignores_sequences_of_code_points():
    font = load("font")
    table = struct.pack("<5H", 65, 0xfffe, 66, 0x301, 0xffff)
    assert font.psf1_code_points(table) == [[65]]
    assert font.psf2_code_points("A".encode() + b"\xfeB\xff") == [[65]]


def test_missing_font_names_the_package(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/font.py", tmp_path / "font.c",
         tmp_path / "absent.psf.gz"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "console-setup-linux" in done.stderr


# Installing what is missing.

class Machine:
    """A PATH in which only some programs exist, and apt-get only records."""

    def __init__(self, directory, programs):
        self.bin = directory / "bin"
        self.log = directory / "log"
        self.bin.mkdir()
        self.log.write_text("")
        for name in programs:
            (self.bin / name).symlink_to(shutil.which(name))

    def program(self, name, text):
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def install(self, *groups):
        done = subprocess.run(
            ["/bin/sh", ROOT / "scripts/install-deps.sh", *groups],
            env={"PATH": str(self.bin)}, text=True, capture_output=True,
            stdin=subprocess.DEVNULL)
        return done, self.log.read_text().splitlines()


@pytest.fixture
def machine(tmp_path):
    """A machine without a compiler, where packages can be installed."""
    result = Machine(tmp_path, ["sort", "cut", "xargs", "sed", "env", "grep",
                                "echo"])
    result.program("apt-get", f'echo "apt-get $*" >>{result.log}')
    result.program("apt-cache", "exit 0")
    result.program("id", "echo 0")
    return result


def test_missing_packages_are_said_and_installed_by_one_call(machine):
    done, calls = machine.install("build", "check")
    assert done.returncode == 0
    assert "gcc" in done.stdout and "compiler" in done.stdout
    assert len(calls) == 1
    assert calls[0].startswith("apt-get install")
    assert {"gcc", "binutils", "sparse"} <= set(calls[0].split())


def test_package_lists_are_fetched_if_there_are_none(machine):
    machine.program("apt-cache", "exit 1")
    _, calls = machine.install("build")
    assert calls[0].startswith("apt-get update")
    assert calls[1].startswith("apt-get install")


def test_nothing_is_said_or_done_if_nothing_is_missing(machine):
    for name in ("gcc", "ld"):
        machine.program(name, "")
    done, calls = machine.install("build")
    assert (done.stdout, calls) == ("", [])


def test_user_needs_sudo(machine):
    machine.program("id", "echo 1000")
    done, calls = machine.install("build")
    assert done.returncode == 1 and not calls
    assert "as root" in done.stderr
    machine.program("sudo", f'echo "sudo" >>{machine.log}\nexec "$@"')
    done, calls = machine.install("build")
    assert done.returncode == 0
    assert calls[0] == "sudo" and calls[1].startswith("apt-get install")


def test_other_systems_are_told_what_is_needed(machine):
    os.remove(machine.bin / "apt-get")
    done, _ = machine.install("build")
    assert done.returncode == 1
    assert "gcc" in done.stdout
    assert "not a Debian system" in done.stderr


def test_build_without_its_tools_says_how_to_get_them(project):
    project.write("scripts/install-deps.sh", "#!/bin/sh\necho gcc\n")
    assert "`make deps`" in project.fails()


# Choosing an accelerator.

@pytest.fixture
def qemu(tmp_path, monkeypatch):
    """qemu(text): what QEMU does instead; /dev/kvm seems usable."""
    path = tmp_path / "qemu"
    monkeypatch.setattr(qemu_accel, "QEMU", str(path))
    monkeypatch.setattr(qemu_accel, "TRY_TIMEOUT_S", 0.5)
    monkeypatch.setattr(qemu_accel.os.path, "exists", lambda _: True)
    monkeypatch.setattr(qemu_accel.os, "access", lambda *_: True)

    def be(text):
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    return be


def test_kvm_that_runs_the_kernel_is_used(qemu):
    qemu("exit 33")
    assert qemu_accel.choose_accel("kernel") == ("kvm", "")


@pytest.mark.parametrize("text,reason", [
    ("exit 35", "the kernel failed under KVM (QEMU's exit status 35)"),
    ("echo no such CPU >&2; exit 1", "no such CPU"),
    ("exec sleep 60", "the kernel did not start within 0.5 s under KVM"),
])
def test_kvm_that_does_not_run_it_is_not(qemu, text, reason):
    qemu(text)
    assert qemu_accel.choose_accel("kernel") == ("tcg", reason)


def test_machine_without_kvm_is_told_so(qemu, monkeypatch):
    monkeypatch.setattr(qemu_accel.os.path, "exists", lambda _: False)
    assert qemu_accel.choose_accel("kernel") == \
        ("tcg", "there is no /dev/kvm")


def test_forced_accelerator_is_not_tried(qemu):
    qemu("exit 1")
    assert qemu_accel.choose_accel("kernel", "kvm") == ("kvm", "")
    assert qemu_accel.choose_accel("kernel", "tcg") == ("tcg", "")
    with pytest.raises(ValueError):
        qemu_accel.choose_accel("kernel", "magic")


# The image.

def menu_of(iso, directory):
    subprocess.run(["xorriso", "-osirrox", "on", "-indev", iso, "-extract",
                    "/boot/grub/grub.cfg", directory / "grub.cfg"],
                   check=True, capture_output=True)
    return (directory / "grub.cfg").read_text()


def test_image_has_the_menu_and_the_appended_words(tmp_path):
    kernel, iso = tmp_path / "kernel", tmp_path / "out.iso"
    kernel.write_bytes(b"kernel")
    subprocess.run([ROOT / "scripts/mkiso.sh", kernel, iso, "--timeout", "0",
                    "--append", "quiet it's $x"], check=True)
    menu = menu_of(iso, tmp_path)
    assert "set timeout=0" in menu
    words = r" 'quiet' 'it'\''s' '$x'"
    entries = [line.strip() for line in menu.splitlines()
               if "multiboot2 " in line]
    assert entries == [
        f"multiboot2 /boot/zirvium.elf {first}{words}"
        for first in ("selftest=all", "selftest=none", "nopv selftest=all")]
    assert iso.stat().st_size <= 12 << 20


# Unit tests and rules.

@pytest.fixture
def tree(tmp_path):
    """The small tree with Zirvium's unit test framework."""
    project = Project(tmp_path / "project")
    shutil.copytree(ROOT / "tests/unit", project.path / "tests/unit",
                    dirs_exist_ok=True)
    for path in (project.path / "tests/unit").glob("test_*.c"):
        path.unlink()
    (project.path / "tests/unit/live_modules.c").unlink()  # there are none
    project.copy("kernel/tables.lds.h")
    project.write("tests/unit/Makefile", "unit-one := kernel/lib/plain.c\n")
    project.write("tests/unit/test_one.c", """\
#include "unit.h"
int plain(void);
TEST(plain)
{
	CHECK_EQ(plain(), 0);
}
""")
    return project


def test_unit_tests_run(tree):
    assert tree.make("unit").stdout.endswith("unit: 1 passed, 0 failed\n")


@pytest.mark.parametrize("change,said", [
    ("CHECK_EQ(1, 2);", "unit: 0 passed, 1 failed"),
    ("int *volatile p = 0; *p = 1;", "unit: 0 passed, 1 failed"),
    ("exit(0);", "ended with status 0"),
])
def test_unit_test_that_fails_fails_the_run(tree, change, said):
    tree.replace("tests/unit/test_one.c", "CHECK_EQ(plain(), 0);", change)
    assert said in tree.fails("unit")


def test_unit_framework_that_sees_no_failure_is_noticed(tree):
    tree.replace("tests/unit/unit.c", "return failures != 0;", "return 0;")
    assert "was not noticed" in tree.fails("unit")


LICENCE = "/* SPDX-License-Identifier: BSD-2-Clause */\n"


@pytest.mark.parametrize("name,text,said", [
    ("kernel/a.c", "#include <asm/io.h>\n", "<asm/io.h> must not"),
    ("kernel/a.c", "#include <drivers/a.h>\n", "<drivers/a.h> must not"),
    ("kernel/a.c", "#include <string.h>\n", "<string.h> must not"),
    ("drivers/b/a.c", "#include <asm/io.h>\n", "<asm/io.h> must not"),
    ("drivers/b/a.c", '#include "../c/a.h"\n', "private to another room"),
    ("include/abi/a.h", "#include <kernel/a.h>\n", "<kernel/a.h> must not"),
    ("kernel/a.c", "#ifdef A\n", "conditional"),
    ("kernel/a.c", "\nint f(void)\n{\n" + "\tf();\n" * 61 + "}\n", "61 lines"),
    ("kernel/a.c", "\n" * 600, "601 lines"),
    ("kernel/a.c", "out:\n", "label"),
    ("kernel/a.c", "/* TODO */\n", "unfinished"),
])
def test_breach_of_a_rule_is_found(tmp_path, name, text, said):
    (tmp_path / "drivers/c").mkdir(parents=True)
    (tmp_path / "drivers/c/a.h").write_text(LICENCE)
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(LICENCE + text)
    done = subprocess.run([sys.executable, ROOT / "scripts/check-rules.py"],
                          cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert said in done.stdout and done.stdout.startswith(name)
    path.write_text(LICENCE + "#include <kernel/types.h>\n")
    done = subprocess.run([sys.executable, ROOT / "scripts/check-rules.py"],
                          cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


# The initrd.

def make_initrd(directory):
    directory.mkdir(parents=True)
    (directory / "a").write_bytes(b"text")
    subprocess.run([ROOT / "scripts" / "initrd.py", "out", "modules/b.ko=a",
                    "modules/a.ko=a"], cwd=directory, check=True)
    return (directory / "out").read_bytes()


def test_initrd_depends_on_what_is_in_it_only(tmp_path):
    one = make_initrd(tmp_path / "one")
    os.utime(tmp_path / "one" / "a", (0, 0))
    assert one == make_initrd(tmp_path / "another" / "place")
    assert one.startswith(b"070701") and b"TRAILER!!!" in one
    names = [one.index(name) for name in
             (b"modules\0", b"modules/a.ko\0", b"modules/b.ko\0")]
    assert names == sorted(names)
    if shutil.which("cpio"):
        listed = subprocess.run(["cpio", "-it", "--quiet"], input=one,
                                capture_output=True, check=True).stdout
        assert listed.split() == [b"modules", b"modules/a.ko", b"modules/b.ko"]


# What modules may use.

def test_module_that_hides_a_dependency_is_refused(tmp_path):
    sources = {
        "lender": 'int lent(void); int lent(void) { return 1; }',
        "user": 'int lent(void); int f(void); int f(void) { return lent(); }',
    }
    for name, code in sources.items():
        info = ("__attribute__((used, section(\".modinfo\"))) "
                "static const char i[] = \"depends=\";")
        (tmp_path / f"{name}.c").write_text(info + code)
        subprocess.run(["gcc", "-c", "-o", f"{name}.ko", f"{name}.c"],
                       cwd=tmp_path, check=True)
    command = [ROOT / "scripts" / "modules.py", "out.S", "nm"]
    done = subprocess.run([*command, "lender.ko", "user.ko"], cwd=tmp_path,
                          text=True, capture_output=True, check=False)
    assert done.returncode != 0
    assert "user uses lent of lender" in done.stderr
    # Alone it wants that of the kernel.
    subprocess.run([*command, "user.ko"], cwd=tmp_path, check=True)
    assert '"lent"' in (tmp_path / "out.S").read_text()


# Suites of tests that boot machines.

UNSTEADY = """
import pathlib
import pytest

@pytest.mark.parametrize("n", range({count}))
def test_it(n):
    tries = pathlib.Path(__file__).with_name(f"tries-{{n}}")
    tries.open("a").write("x")
    assert len(tries.read_text()) > {failures}
"""


@pytest.mark.parametrize("count, failures, status, told", [
    (3, 0, 0, ["3 passed"]),
    (3, 1, 0, ["UNSTEADY", "3 failed", "3 passed"]),
    (3, 2, 1, ["once more, what failed"]),
    (4, 1, 1, ["4 failed"]),
], ids=["good", "unsteady", "bad", "too-many"])
def test_few_that_failed_are_tried_once_more(tmp_path, count, failures, status,
                                             told):
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_it.py").write_text(
        UNSTEADY.format(count=count, failures=failures))
    done = subprocess.run([ROOT / "scripts/suite.sh", tests], cwd=tmp_path,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == status
    assert all(text in done.stdout for text in told)
    assert ("UNSTEADY" in done.stdout) == ("UNSTEADY" in told)
    runs = (tests / "tries-0").read_text()
    assert len(runs) == (2 if failures and count <= 3 else 1)
