# SPDX-License-Identifier: BSD-2-Clause
"""A small tree that is built by Zirvium's build system, to change and break."""

import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

FILES = {
    "Kconfig": """\
config COLOUR
	bool "Colour"
	help
	  Whether there is colour.

config SIZE
	int "Size"
	range 1 9
	default 3
	help
	  How large.

config PAINT
	bool "Paint"
	depends on COLOUR
	help
	  Whether there is paint.
""",
    "arch/x86/configs/defconfig": "",
    "arch/x86/configs/colour_defconfig": "CONFIG_COLOUR=y\n",
    "arch/x86/Makefile": "obj-y += start.o\n",
    "arch/x86/start.S": """\
	.section .text.start, "ax"
	.globl start
start:
	jmp kernel_main
	.section .note.GNU-stack, "", @progbits
""",
    "arch/x86/kernel.lds.S": """\
ENTRY(start)
SECTIONS {
	. = 0xffffffff80100000;
	.text : { _text = .; KEEP(*(.text.start .text .text.*)) _etext = .; }
	. = ALIGN(4096);
	.rodata : { *(.rodata .rodata.*) *(.rodata.symbols) }
	. = ALIGN(4096);
	.data : { *(.data .data.*) *(.bss .bss.*) }
	/DISCARD/ : { *(.comment) *(.note*) }
}
""",
    "drivers/Makefile": "obj-$(CONFIG_PAINT) += paint.o\n",
    "drivers/paint.c": "int paint(void);\nint paint(void) { return 1; }\n",
    "kernel/Makefile": "obj-y += main.o symbols.o\nobj-y += lib/\n",
    "kernel/main.c": """\
#include <generated/version.h>
#include <sizes.h>
void kernel_main(void);
unsigned symbols(void);
const char *volatile version;
void kernel_main(void)
{
	version = ZIRVIUM_VERSION " " ZIRVIUM_COMPILER;
	for (;;)
		symbols();
}
""",
    "kernel/symbols.c": """\
extern const unsigned symbol_count, symbol_offsets[];
unsigned symbols(void);
unsigned symbols(void) { return symbol_offsets[symbol_count]; }
""",
    "kernel/lib/Makefile": """\
obj-y += colour.o size.o plain.o
CFLAGS_plain.o := -fno-builtin
""",
    "kernel/lib/colour.c": """\
int colour(void);
int colour(void)
{
#ifdef CONFIG_COLOUR
	return 1;
#else
	return 0;
#endif
}
""",
    "kernel/lib/size.c": """\
#include <sizes.h>
int size(void);
int size(void) { return SIZE; }
""",
    "kernel/lib/plain.c": "int plain(void);\nint plain(void) { return 0; }\n",
    "include/sizes.h": "#pragma once\n#define SIZE CONFIG_SIZE\n",
    "tests/unit/Makefile": "",
}


class Project:
    """One such tree, in a directory of its own."""

    def __init__(self, directory):
        self.path = directory
        shutil.copytree(ROOT / "scripts", directory / "scripts",
                        ignore=shutil.ignore_patterns("__pycache__"))
        self.copy("Makefile", "arch/x86/flags.mk")
        for name, text in FILES.items():
            self.write(name, text)

    def copy(self, *names):
        for name in names:
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def append(self, name, text):
        self.write(name, (self.path / name).read_text() + text)

    def replace(self, name, old, new):
        text = (self.path / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def make(self, *arguments):
        """Run make; its CompletedProcess."""
        environment = {k: v for k, v in os.environ.items()
                       if not k.startswith(("MAKE", "MFLAGS", "KCONFIG_"))}
        return subprocess.run(["make", *arguments], cwd=self.path, text=True,
                              env=environment, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=120,
                              check=False)

    def build(self, *arguments):
        """Build; the set of files that were made."""
        done = self.make("-j2", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        return set(re.findall(r"^  [A-Z]+ +(\S+)$", done.stdout, re.M))

    def objects(self, *arguments):
        """Build; the objects of sources that were made."""
        return {name for name in self.build(*arguments)
                if name.endswith(".o") and "symbols.o" not in name}

    def fails(self, *arguments):
        """Run make, which must fail; what it said."""
        done = self.make(*arguments)
        assert done.returncode != 0, done.stdout
        return done.stdout + done.stderr

    def output(self, name):
        return (self.path / "build" / "x86" / name).read_bytes()

    def symbols(self):
        out = subprocess.run(["nm", "build/x86/zirvium.debug.elf"], text=True,
                             cwd=self.path, check=True, capture_output=True)
        return {line.split()[-1] for line in out.stdout.splitlines()}
