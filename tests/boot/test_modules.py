# SPDX-License-Identifier: BSD-2-Clause
"""Modules: loaded from an initrd, refused when they are not right, stopped."""

import re
import struct
import time

import initrd as archive
import pytest
from zirvium import SHELL_ONLY

TEST = "module_test"


@pytest.fixture(scope="module")
def shell(module_boot):
    words = f"{SHELL_ONLY} {TEST}.step=3 nothere.x=1"
    return module_boot(words, vga="none").wait_prompt()


@pytest.fixture(scope="session")
def ko(kernel):
    """The file of the test module, to damage."""
    path = kernel.parent / "modules" / f"{TEST}.ko"
    if not path.exists():
        pytest.skip("module_test is not built as a module")
    return path.read_bytes()


def lsmod(guest) -> dict:
    """{name: [size, state, users, parameters...]}"""
    lines = guest.run("lsmod").strip().split("\n")[1:]
    return {words[0]: words[1:] for words in map(str.split, lines)}


def test_module_is_loaded_listed_and_unloaded(shell, ko):
    assert TEST not in lsmod(shell)
    assert shell.run(f"modprobe {TEST}") == ""
    size, state, users, *params = lsmod(shell)[TEST]
    assert int(size) > 0 and int(size) % 4096 == 0
    assert (state, users) == ("loaded", "-")
    assert "step=3" in params  # from the kernel's command line
    assert "nothing: 3" in shell.run("moduletest")
    assert shell.run(f"modprobe -r {TEST}") == ""
    assert TEST not in lsmod(shell)
    assert "command not found" in shell.run("moduletest")


def test_parameters_are_set_when_loaded_and_while_live(shell, ko):
    assert shell.run("modprobe module-test text=hello step=5") == ""
    assert "hello: 5" in shell.run("moduletest")
    assert shell.run("modprobe module_test step=2") == ""
    assert "hello: 7" in shell.run("moduletest")
    assert "only when" in shell.run("modprobe module_test text=late")
    assert "no parameter" in shell.run("modprobe module_test colour=red")
    shell.run(f"modprobe -r {TEST}")


def test_dependency_is_loaded_first_and_stays_while_needed(shell, ko):
    assert shell.run("modprobe module_test_user") == ""
    assert lsmod(shell)[TEST][1:3] == ["loaded", "module_test_user"]
    assert f"{TEST} is in use by module_test_user" in \
        shell.run(f"modprobe -r {TEST}")
    assert shell.run(f"modprobe -r module_test_user {TEST}") == ""


def test_driver_has_its_device_while_it_is_there(shell, ko):
    shell.run(f"modprobe {TEST}")
    assert re.search(r"^module-test0 +module-test +module-test",
                     shell.run("lsdev"), re.M)
    report = shell.run("selftest module-test")
    assert "ok 1 is-bound" in report and "not ok" not in report
    shell.run(f"modprobe -r {TEST}")
    assert "module-test0" not in shell.run("lsdev")


def test_modinfo_reads_the_file_and_the_live_module(shell, ko):
    answer = shell.run(f"modinfo {TEST}")
    assert "What self-tests load" in answer
    assert "module_test.step:what" in answer
    assert f"file:          {len(ko)}" in answer
    assert "built-in" in shell.run("modinfo vt")
    assert "no module nothere" in shell.run("modinfo nothere")


def test_names_that_are_none_are_said(shell):
    assert "no module nothere" in shell.run("modprobe nothere")
    assert "nothere is not loaded" in shell.run("modprobe -r nothere")
    assert "usage:" in shell.run("modprobe")
    assert 'Unknown parameter "nothere.x=1"' in shell.run("dmesg")


def test_built_in_keyboard_is_stopped_and_started(boot):
    guest = boot(SHELL_ONLY, vga="none").wait_prompt()
    assert lsmod(guest)["i8042"][:2] == ["-", "built-in"]
    assert guest.run("modprobe -r i8042") == ""
    assert lsmod(guest)["i8042"][1] == "stopped"
    guest.machine.press("h", "e", "l", "p")
    assert "keyboard at I/O ports" in guest.run("modprobe i8042")
    guest.machine.press("c", "l", "x")
    guest.wait_line("zirvium> clx")


@pytest.mark.parametrize("words,loaded", [
    ("", False), ("modules=none", False), ("modules=all", True),
    (f"modules=nothere,{TEST}", True),
])
def test_boot_loads_what_it_is_told_to(boot, ko, words, loaded):
    guest = boot(f"{SHELL_ONLY} {words}", vga="none").wait_prompt()
    assert (TEST in lsmod(guest)) == loaded
    assert ("no module nothere" in guest.run("dmesg")) == ("nothere" in words)


def test_modules_come_with_the_iso(boot_iso, ko):
    guest = boot_iso(f"{SHELL_ONLY} modules={TEST}").wait_prompt()
    assert lsmod(guest)[TEST][1] == "loaded"


def patched(ko, offset, form, value):
    out = bytearray(ko)
    struct.pack_into(form, out, offset, value)
    return bytes(out)


DAMAGED = {
    "not_elf": (lambda ko: b"x" * 5000, "not an ELF file"),
    "truncated": (lambda ko: ko[:-100], "truncated"),
    "short": (lambda ko: ko[:1000], "truncated"),
    "empty": (lambda ko: b"", "not an ELF file"),
    "arm64": (lambda ko: patched(ko, 18, "<H", 183), "for machine 183"),
    "executable": (lambda ko: patched(ko, 16, "<H", 2), "ELF type 2"),
    "sections": (lambda ko: patched(ko, 60, "<H", 0xfff0), "65520 sections"),
    "version": (lambda ko: re.sub(rb"version=(\S+) .{4}", rb"version=\1 0000",
                                  ko, count=1),
                "this kernel is"),
    TEST: (lambda ko: ko.replace(b"device_register", b"device_registre"),
               "nothing exports device_registre"),
    "other": (lambda ko: ko, "it is module module_test"),
}


def in_use(guest) -> list:
    """What memory is used for, of all that `meminfo` says."""
    said = guest.run("meminfo")
    return re.findall(r"^free now.*|^Mappings.*| \d+ of +\d+ used|"
                      r"\d+ wrong frees", said, re.M)


def settle(guest):
    """Wait until the thread that makes the first random numbers has ended."""
    limit = time.monotonic() + 30
    while re.search(r" random$", guest.run("ps"), re.M):
        assert time.monotonic() < limit


def test_damaged_modules_are_refused_with_the_reason(boot, ko, tmp_path):
    files = {f"modules/{name}.ko": damage(ko)
             for name, (damage, _) in DAMAGED.items()}
    path = tmp_path / "bad.cpio"
    path.write_bytes(archive.archive(files))
    # At boot, too: caches and page tables that are made once are there then.
    guest = boot(f"{SHELL_ONLY} modules=all", vga="none", initrd=path)
    settle(guest.wait_prompt())
    before = in_use(guest)
    for name, (_, reason) in DAMAGED.items():
        said = guest.run(f"modprobe {name}")
        assert f"{name} refused" in said and reason in said
    assert in_use(guest) == before
    assert TEST not in lsmod(guest)


@pytest.mark.parametrize("data", [b"", b"070701" + b"z" * 200, b"\0" * 4096,
                                  b"\x7f" * 3000], ids=lambda d: str(len(d)))
def test_initrd_that_is_none_is_survived(boot, tmp_path, data):
    path = tmp_path / "bad.cpio"
    path.write_bytes(data)
    guest = boot(f"{SHELL_ONLY} modules=all", vga="none", initrd=path)
    guest.wait_prompt()
    assert TEST not in lsmod(guest)


DISK = ("-blockdev", "driver=null-co,node-name=null,size=1048576",
        "-device", "virtio-blk-pci,drive=null")


def test_stopped_drivers_give_up_their_devices(boot):
    guest = boot(SHELL_ONLY, vga="none", extra=DISK).wait_prompt()
    assert "vda" in guest.run("lsblk")
    guest.run("modprobe -r virtio_blk")
    assert "vda" not in guest.run("lsblk")
    # What carries the disk goes and comes back, and then the disk's driver.
    guest.run("modprobe -r virtio_pci")
    assert "virtio0" not in guest.run("lsdev")
    guest.run("modprobe virtio_pci")
    assert "virtio0" in guest.run("lsdev")
    assert "vda: 1 MiB" in guest.run("modprobe virtio_blk")
    assert "vda" in guest.run("lsblk")
