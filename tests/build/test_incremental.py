# SPDX-License-Identifier: BSD-2-Clause
"""What is built again, and what is not."""

import os

ALL = {"arch/x86/start.o", "kernel/main.o", "kernel/lib/colour.o",
       "kernel/lib/size.o", "kernel/lib/plain.o"}
C = ALL - {"arch/x86/start.o"}


def test_first_build_makes_everything(project):
    assert project.objects() == ALL
    assert project.symbols() >= {"kernel_main", "symbol_count"}


def test_nothing_changed_nothing_is_made(built):
    done = built.make()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_header_rebuilds_its_users(built):
    built.append("include/sizes.h", "#define UNUSED\n")
    assert built.objects() == {"kernel/main.o", "kernel/lib/size.o"}
    assert not built.build()


def test_header_may_go_away(built):
    os.remove(built.path / "include/sizes.h")
    built.replace("kernel/main.c", "#include <sizes.h>\n", "")
    built.replace("kernel/lib/size.c", "#include <sizes.h>\n",
                  "#define SIZE 1\n")
    assert built.objects() == {"kernel/main.o", "kernel/lib/size.o"}


def test_flag_rebuilds_everything_it_is_given_to(built):
    assert built.objects("KCFLAGS=-DANY") == C
    assert not built.build("KCFLAGS=-DANY")
    assert built.objects() == C


def test_flag_of_one_object_rebuilds_that_object(built):
    built.append("kernel/lib/Makefile", "CFLAGS_size.o := -DANY\n")
    assert built.objects() == {"kernel/lib/size.o"}


def test_flags_of_an_object_reach_it_and_no_other(built):
    built.append("kernel/lib/plain.c", "#error plain\n")
    assert "-fno-builtin" in built.fails("V=1")
    built.replace("kernel/lib/plain.c", "#error plain\n", "")
    built.append("kernel/lib/size.c", "#error size\n")
    built.build("-k", "build/x86/kernel/lib/plain.o")
    assert "-fno-builtin" not in built.fails("V=1")


def test_option_rebuilds_what_mentions_it(built):
    built.append(".config", "CONFIG_COLOUR=y\n")
    built.replace(".config", "# CONFIG_COLOUR is not set\n", "")
    assert built.objects() == {"kernel/lib/colour.o"}
    assert not built.build()


def test_option_mentioned_in_a_header_rebuilds_its_users(built):
    built.replace(".config", "CONFIG_SIZE=3", "CONFIG_SIZE=4")
    assert built.objects() == {"kernel/main.o", "kernel/lib/size.o"}


def test_option_adds_and_removes_objects(built):
    built.write(".config", "CONFIG_COLOUR=y\nCONFIG_PAINT=y\n")
    assert built.objects() == {"kernel/lib/colour.o", "drivers/paint.o"}
    assert "paint" in built.symbols()
    built.write(".config", "CONFIG_COLOUR=y\n")
    assert built.build() >= {"zirvium.elf"}
    assert "paint" not in built.symbols()


def test_new_option_rebuilds_nothing_that_does_not_mention_it(built):
    built.append("Kconfig", 'config NEW\n\tbool "New"\n\tdefault y\n')
    assert not built.objects()
    assert "CONFIG_NEW=y" in (built.path / ".config").read_text()


def test_object_that_leaves_the_list_leaves_the_kernel(built):
    assert "plain" in built.symbols()
    built.replace("kernel/lib/Makefile", " plain.o", "")
    assert "zirvium.elf" in built.build()
    assert "plain" not in built.symbols()


def test_linker_script_relinks(built):
    built.replace("arch/x86/kernel.lds.S", "ALIGN(4096)", "ALIGN(8192)")
    made = built.build()
    assert {"kernel.lds", "zirvium.elf"} <= made
    assert not made & ALL


def test_another_compiler_rebuilds_everything(built):
    wrapper = built.path / "cc"
    wrapper.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "gcc 99"\n'
                       'exec gcc "$@"\n')
    wrapper.chmod(0o755)
    assert built.objects(f"CC={wrapper}") == ALL


def test_failed_compile_is_tried_again(built):
    built.append("kernel/lib/size.c", "#error once\n")
    built.fails()
    built.fails()
    built.replace("kernel/lib/size.c", "#error once\n", "")
    assert "kernel/lib/size.o" in built.objects()


def test_interrupted_configuration_is_finished(built):
    os.remove(built.path / "build/x86/include/generated/autoconf.h")
    built.build()
    assert (built.path / "build/x86/include/generated/autoconf.h").exists()
