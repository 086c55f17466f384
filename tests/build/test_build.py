# SPDX-License-Identifier: BSD-2-Clause
"""What the build makes, and how it says what is wrong."""

import json
import shutil
import struct
import subprocess
import time

import pytest

from project import Project


def test_same_sources_in_two_places_give_the_same_bytes(tmp_path):
    one, two = Project(tmp_path / "a"), Project(tmp_path / "b" / "longer")
    one.build("iso")
    time.sleep(1.1)  # whatever takes the time into the image has a new one
    two.build("iso")
    for name in ("zirvium.elf", "zirvium.debug.elf", "zirvium.iso"):
        assert one.output(name) == two.output(name), name


def test_clang_builds_too_and_reproducibly(tmp_path):
    if not shutil.which("clang") or not shutil.which("ld.lld"):
        pytest.skip("no clang or no lld (Debian packages clang lld llvm)")
    one, two = Project(tmp_path / "a"), Project(tmp_path / "b" / "longer")
    one.build("LLVM=1")
    two.build("LLVM=1")
    assert one.output("zirvium.elf") == two.output("zirvium.elf")


def test_no_path_of_this_machine_is_in_the_image(built):
    assert str(built.path).encode() not in built.output("zirvium.debug.elf")


def test_kernel_is_stripped(built):
    assert b".debug_info" in built.output("zirvium.debug.elf")
    assert b".debug_info" not in built.output("zirvium.elf")


def read_symbol_table(elf):
    """The embedded table as {name: offset}."""
    places = {}
    out = subprocess.run(["nm", elf], check=True, text=True,
                         capture_output=True).stdout
    for line in out.splitlines():
        address, _, name = line.split()
        places[name] = int(address, 16)
    raw = elf.with_suffix(".rodata")
    subprocess.run(["objcopy", "-O", "binary", "-j", ".rodata", elf, raw],
                   check=True)
    data = raw.read_bytes()
    base = places["symbol_count"]
    start = data.index(struct.pack("<I", data_count(data, places)))

    def words(label, count):
        at = start + places[label] - base
        return struct.unpack_from(f"<{count}I", data, at)

    (count,) = words("symbol_count", 1)
    table = {}
    for offset, name in zip(words("symbol_offsets", count),
                            words("symbol_name_offsets", count)):
        at = start + places["symbol_names"] - base + name
        table[data[at:data.index(b"\0", at)].decode()] = offset
    return table, places


def data_count(_data, places):
    return (places["symbol_name_offsets"] - places["symbol_offsets"]) // 4


def test_symbol_table_has_the_functions_and_where_they_are(built):
    table, places = read_symbol_table(
        built.path / "build/x86/zirvium.debug.elf")
    for name in ("start", "kernel_main", "symbols"):
        assert table[name] == places[name] - places["_text"]
    assert list(table.values()) == sorted(table.values())
    assert "version" not in table


def test_symbol_table_that_moves_the_text_is_refused(project):
    project.replace("arch/x86/kernel.lds.S", "_text = .;",
                    "_text = .; *(.text.start) *(.rodata.symbols)")
    assert "moved the text" in project.fails()
    assert not (project.path / "build/x86/zirvium.debug.elf").exists()


def test_directory_without_fragment_is_named(project):
    project.append("kernel/Makefile", "obj-y += nowhere/\n")
    assert "kernel/nowhere/Makefile" in project.fails()


def test_commands_are_shown_on_request_only(project):
    quiet = project.make("build/x86/kernel/main.o")
    assert "  CC      kernel/main.o\n" in quiet.stdout
    assert "-ffreestanding" not in quiet.stdout
    project.make("clean")
    assert "-ffreestanding" in project.make("V=1", "all").stdout


def test_compile_commands_name_every_source(built):
    assert built.make("compile_commands.json").returncode == 0
    path = built.path / "compile_commands.json"
    entries = json.loads(path.read_text())
    assert {e["file"] for e in entries} == {
        "kernel/main.c", "kernel/symbols.c", "kernel/lib/colour.c",
        "kernel/lib/size.c", "kernel/lib/plain.c"}
    for entry in entries:
        subprocess.run(entry["command"], shell=True, check=True,
                       cwd=entry["directory"])


def test_other_architecture_is_one_clear_line(project):
    done = project.make("ARCH=vax")
    assert done.returncode != 0
    assert "ARCH is x86 or arm64" in done.stderr and done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_goals_that_must_be_alone_are_taken_one_by_one(project):
    done = project.make("clean", "colour_defconfig", "all")
    assert done.returncode == 0, done.stderr
    assert "CONFIG_COLOUR=y" in (project.path / ".config").read_text()
    assert (project.path / "build/x86/zirvium.elf").exists()


def test_clean_keeps_the_configuration_and_mrproper_does_not(built):
    built.make("clean")
    assert not (built.path / "build").exists()
    assert (built.path / ".config").exists()
    built.make("mrproper")
    assert not (built.path / ".config").exists()


def test_help_names_only_what_there_is(project):
    for line in project.make("help").stdout.splitlines():
        words = line.split()
        if line.startswith("  ") and not line.startswith("    ") \
                and words[0].isidentifier() and words[0] != "make":
            name = "colour_defconfig" if "<" in words[0] else words[0]
            assert f"No rule to make target '{name}'" not in \
                project.make("-n", name).stderr
