# SPDX-License-Identifier: BSD-2-Clause
"""The real kernel in its other shapes: each builds, boots and says so."""

import os
import re
import shutil
import struct
import subprocess

import pytest

from project import ROOT
from qemu_accel import DEBUG_EXIT, EXIT_SUCCESS, QEMU

BOOT_TIMEOUT_S = 60


def make(*arguments):
    environment = {k: v for k, v in os.environ.items()
                   if not k.startswith(("MAKE", "MFLAGS", "KCONFIG_"))}
    done = subprocess.run(["make", "-s", f"-j{os.cpu_count()}", *arguments],
                          cwd=ROOT, env=environment, text=True,
                          capture_output=True, stdin=subprocess.DEVNULL,
                          timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def boot(kernel, words="selftest=none exit", *extra):
    """What the kernel says on the serial port; it must leave with success."""
    done = subprocess.run(
        [QEMU, "-accel", "tcg", "-m", "64M", "-kernel", kernel, "-append",
         words, *extra, "-display", "none", "-serial", "stdio",
         "-monitor", "none", "-nic", "none", "-no-reboot", *DEBUG_EXIT],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=BOOT_TIMEOUT_S,
        check=False)
    said = done.stdout.decode(errors="replace")
    assert done.returncode == EXIT_SUCCESS, said + done.stderr.decode()
    return said


@pytest.mark.parametrize("target", ["allnoconfig", "allyesconfig"])
def test_extreme_configuration_boots(target):
    build = f"build/test-{target}"
    make(target, f"KCONFIG_CONFIG={build}/config")
    make("all", f"BUILD={build}", f"KCONFIG_CONFIG={build}/config")
    assert "Zirvium" in boot(ROOT / build / "zirvium.elf")


def test_kernel_built_by_clang_boots():
    if not shutil.which("clang") or not shutil.which("ld.lld"):
        pytest.skip("no clang or no lld (Debian packages clang lld llvm)")
    build = "build/test-clang"
    make("defconfig", f"KCONFIG_CONFIG={build}/config")
    make("all", "LLVM=1", f"BUILD={build}", f"KCONFIG_CONFIG={build}/config")
    assert "Zirvium" in boot(ROOT / build / "zirvium.elf")


def test_efi_stub_holds_no_address():
    """It runs where firmware put it, so no data may say where things are."""
    if not shutil.which("aarch64-linux-gnu-readelf"):
        pytest.skip("no aarch64-linux-gnu-readelf (Debian package "
                    "binutils-aarch64-linux-gnu)")
    make("all", "ARCH=arm64")
    where = ROOT / "build/arm64/arch/arm64/boot"
    stub = [where / "efi_stub.o", where / "efi_initrd.o"]
    listed = subprocess.run(["aarch64-linux-gnu-readelf", "-rW", *stub],
                            capture_output=True, text=True, check=True).stdout
    section, seen = "", 0
    for line in listed.splitlines():
        if line.startswith("Relocation section"):
            section = line.split("'")[1]
        elif "R_AARCH64_" in line and not section.startswith(".rela.debug"):
            seen += 1
            assert "R_AARCH64_ABS" not in line, f"{section}: {line}"
    assert seen  # or this looks at nothing


def may_disturb_adrp(word):
    """A load or store after which it goes wrong: loads of pairs do not."""
    load_or_store = word & 0x0A000000 == 0x08000000
    load_pair = word & 0x3A400000 == 0x28400000
    return load_or_store and not load_pair


def adrp_before_accesses(code, address):
    """Where @code is what a Cortex-A53 gets wrong: erratum 843419."""
    words = [int.from_bytes(code[i:i + 4], "little")
             for i in range(0, len(code) - 3, 4)]
    first = (-address % 4096 + 0xFF8) // 4
    for page in range(first, len(words), 1024):
        for at in (page, page + 1):
            window = words[at:at + 4] + [0] * 4
            if window[0] & 0x9F000000 == 0x90000000 and \
                    may_disturb_adrp(window[1]) and any(
                        word & 0x3B000000 == 0x39000000 and
                        word >> 5 & 31 == window[0] & 31
                        for word in window[2:4]):
                yield address + 4 * at


def test_arm64_image_has_nothing_that_a_cortex_a53_gets_wrong(tmp_path):
    # adrp x0; str x1, [x2]; ldr x0, [x0, #8]: this does look.
    bad = struct.pack("<III", 0x90000000, 0xF9000041, 0xF9400400)
    assert list(adrp_before_accesses(bytes(0xFF8) + bad, 0x1000)) == [0x1FF8]
    if not shutil.which("aarch64-linux-gnu-objcopy"):
        pytest.skip("no aarch64-linux-gnu-objcopy (Debian package "
                    "binutils-aarch64-linux-gnu)")
    make("all", "ARCH=arm64")
    text = tmp_path / "text"
    kernel = ROOT / "build/arm64/zirvium.elf"
    subprocess.run(["aarch64-linux-gnu-objcopy", "-O", "binary", "-j", ".text",
                    kernel, text], check=True)
    # The section begins with a page.
    assert not list(adrp_before_accesses(text.read_bytes(), 0))


DEVICES = ("-device", "edu", "-device", "virtio-rng-pci",
           "-blockdev", "driver=null-co,node-name=null,size=1048576,"
                        "read-zeroes=on",
           "-device", "virtio-blk-pci,drive=null",
           "-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net")


def test_drivers_built_as_modules_are_loaded_at_boot():
    build = "build/test-modular"
    make("modular_defconfig", f"KCONFIG_CONFIG={build}/config")
    make("all", f"BUILD={build}", f"KCONFIG_CONFIG={build}/config")
    names = {path.stem for path in (ROOT / build / "modules").glob("*.ko")}
    assert names == {"edu", "fbcon", "i8042", "module_test",
                     "module_test_user", "virtio_blk", "virtio_net",
                     "virtio_rng", "vt"}
    kernel, initrd = ROOT / build / "zirvium.elf", ROOT / build / "initrd.cpio"
    said = boot(kernel, "selftest=module,paging exit modules=vt,auto",
                "-initrd", initrd)
    assert "no module auto" in said
    assert "kbd0" not in said
    said = boot(kernel, "selftest=module,paging,console exit", "-initrd",
                initrd)
    assert "kbd0: keyboard at" in said
    assert "SKIP" not in said
    said = boot(kernel, "selftest=edu,virtio_net,random ip=dhcp exit", "-initrd",
                initrd, *DEVICES)
    assert "vda: 1 MiB" in said
    assert "# Subtest: edu" in said
    assert re.search(r"eth0: .*10\.0\.2\.15/24", said)
    # What is for hardware that is not there does not stay, nor complain.
    assert "fbcon" not in said


@pytest.mark.parametrize("operation", [
    "atomic_fetch_add(p, 1)", "atomic_fetch_or(p, 1)",
    "atomic_fetch_and(p, 1)", "atomic_xchg(p, 1)", "atomic_cmpxchg(p, q, 1)",
])
def test_atomic_operations_are_full_barriers_on_arm64(tmp_path, operation):
    """No emulator shows it when one is missing."""
    if not shutil.which("aarch64-linux-gnu-gcc"):
        pytest.skip("no aarch64-linux-gnu-gcc (Debian package "
                    "gcc-aarch64-linux-gnu)")
    source = tmp_path / "atomic.c"
    source.write_text("#include <kernel/atomic.h>\n"
                      "unsigned f(unsigned *p, unsigned *q);\n"
                      "unsigned f(unsigned *p, unsigned *q)\n"
                      f"{{\n(void)q;\nreturn {operation};\n}}\n")
    text = subprocess.run(
        ["aarch64-linux-gnu-gcc", "-std=gnu11", "-O2", "-march=armv8-a",
         "-mno-outline-atomics", "-ffreestanding",
         f"-I{ROOT}/include", f"-I{ROOT}/arch/arm64/include",
         "-S", "-o", "-", source],
        capture_output=True, text=True, check=True).stdout
    assert "dmb ish" in text[text.rindex("stlxr"):]
