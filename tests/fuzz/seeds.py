# SPDX-License-Identifier: BSD-2-Clause
"""What the fuzz targets begin with: one sound input of each shape."""

import pathlib
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import initrd  # noqa: E402

ACPI_AT = 0x10000
SMBIOS_AT = 0xF0000
BOOT_AT = 0x9000


def table(signature, body):
    head = struct.pack("<4sIBB6s8sI4sI", signature, 36 + len(body), 2, 0,
                       b"OEM   ", b"TABLE   ", 1, b"MAKE", 1)
    return head + body


def gas(space, address, width=8, access=1):
    return struct.pack("<BBBBQ", space, width, 0, access, address)


def fadt(dsdt):
    body = bytearray(276 - 36)
    struct.pack_into("<I", body, 40 - 36, dsdt)
    struct.pack_into("<I", body, 64 - 36, 0x604)
    body[116 - 36:116 - 36 + 12] = gas(1, 0xCF9)
    struct.pack_into("<Q", body, 140 - 36, dsdt)
    return table(b"FACP", bytes(body))


def madt():
    return table(b"APIC", struct.pack("<II", 0xFEE00000, 1)
                 + struct.pack("<BBBBI", 0, 8, 0, 0, 1)
                 + struct.pack("<BBBBII", 1, 12, 0, 0, 0xFEC00000, 0)
                 + struct.pack("<BBBBIH", 2, 10, 0, 0, 2, 0)
                 + struct.pack("<BBBHB", 4, 6, 255, 0, 1))


def package(op, body):
    return op + struct.pack("BB", 0x40 | (len(body) + 2) & 15,
                            len(body) + 2 >> 4) + body


def namespace():
    """A scope with virtio-mmio's device, as microvm has it."""
    template = (struct.pack("<BHBII", 0x86, 9, 1, 0xFEB02E00, 0x200)
                + struct.pack("<BHBBI", 0x89, 6, 1, 1, 47) + b"\x79\0")
    buffer = package(b"\x11", bytes((10, len(template))) + template)
    device = (b"VR23\x08_HID\x0dLNRO0005\0\x08_UID\x0a\x17\x08_CRS" + buffer
              + package(b"\x14", b"_STA\0\xa4\x0a\x0f"))
    return package(b"\x10", b"\\_SB_\x5b\x80REGI\0\x0a\1\x0b\0\1"
                   + package(b"\x5b\x82", device))


def virtio_pci():
    """Configuration space with a capability for each structure."""
    space = bytearray(256)
    struct.pack_into("<HHHH", space, 0, 0x1AF4, 0x1044, 0, 0x10)
    space[0x34] = 0x40
    kinds = ((1, 56), (3, 1), (4, 16), (2, 64), (8, 0x1000), (5, 0), (9, 0))
    at = 0x40
    for number, (kind, length) in enumerate(kinds):
        struct.pack_into("<BBBBBBHIIII", space, at, 9, at + 24, 24, kind,
                         number % 6, 1, 0, 0x40 * number, length, 4, 0)
        at += 24
    space[at - 23] = 0
    return {"all": bytes(6 * [14]) + bytes(space)}


def acpi():
    """Tables, each on a boundary of 16 bytes, behind an RSDP and an XSDT."""
    def layout(at):
        tables = [
            fadt(at.get("dsdt", 0)), madt(),
            table(b"MCFG", bytes(8) + struct.pack("<QHBBI", 0xB0000000, 0, 0,
                                                  3, 0)),
            table(b"HPET", struct.pack("<I", 0x8086A201) + gas(0, 0x10020)
                  + struct.pack("<BHB", 0, 100, 0)),
            table(b"SPCR", struct.pack("<B3x", 0) + gas(1, 0x3F8)
                  + struct.pack("<BBIBBBBBB", 1, 4, 0, 7, 0, 1, 0, 3, 0)
                  + bytes(18)),
            table(b"SSDT", b"\x08_S5_\x12\x06\x02\x0a\x07\x0a\x05"),
        ]
        dsdt = table(b"DSDT", b"\x10\x20\\\x08_S5_\x12\x08\x04\x0a\x05\x0a\x05"
                              b"\x00\x00" + bytes(8) + namespace())
        out = bytearray(64)
        places = []
        xsdt = bytearray(table(b"XSDT", bytes(8 * len(tables))))
        out += xsdt + bytes(-len(xsdt) % 16)
        for one in tables:
            places.append(ACPI_AT + len(out))
            out += one + bytes(-len(one) % 16)
        at["dsdt"] = ACPI_AT + len(out)
        out += dsdt
        struct.pack_into(f"<{len(places)}Q", out, 64 + 36, *places)
        struct.pack_into("<8sB6sBIIQB", out, 0, b"RSD PTR ", 0, b"OEM   ", 2,
                         ACPI_AT + 64, 36, ACPI_AT + 64, 0)
        return bytes(out)

    at = {}
    layout(at)
    return {"xsdt": b"\0" + layout(at),
            "unsealed": b"\1" + layout(at)}


def tag(kind, body):
    data = struct.pack("<II", kind, 8 + len(body)) + body
    return data + bytes(-len(data) % 8)


def boot():
    e820 = b"".join(struct.pack("<QQII", *e, 0) for e in (
        (0, 0x9FC00, 1), (0x100000, 0x7F00000, 1), (0xF0000, 0x10000, 2)))
    tags = (tag(1, b"selftest=all exit\0") + tag(2, b"GRUB 2.06\0")
            + tag(3, struct.pack("<II", 0x200000, 0x210000) + b"initrd\0")
            + tag(6, struct.pack("<II", 24, 0) + e820)
            + tag(8, struct.pack("<QIIIBBH6B", 0xFD000000, 4096, 1024, 768, 32,
                                 1, 0, 16, 8, 8, 8, 0, 8))
            + tag(12, struct.pack("<Q", 0x7F00000))
            + tag(14, b"RSD PTR ") + tag(15, b"RSD PTR ") + tag(0, b""))
    mb2 = struct.pack("<II", 8 + len(tags), 0) + tags
    # Behind the start info: command line, modules, memory map.
    rest = BOOT_AT + 56
    cmdline = b"console=ttyS0\0\0\0"
    modules = struct.pack("<QQQQ", 0x200000, 0x8000, 0, 0)
    pvh = struct.pack("<IIIIQQQQII", 0x336EC578, 1, 0, 1,
                      rest + len(cmdline), rest, 0xF5A00,
                      rest + len(cmdline) + len(modules), 3, 0)
    return {"multiboot2": b"\1" + mb2,
            "pvh": b"\0" + pvh + cmdline + modules + e820}


def structure(kind, body, *strings):
    text = b"".join(s + b"\0" for s in strings) or b"\0"
    return struct.pack("<BBH", kind, 4 + len(body), kind) + body + text + b"\0"


def smbios():
    table_ = (structure(0, b"\1\2" + bytes(18), b"Maker", b"1.0")
              + structure(1, b"\1\2\3\0" + bytes(19), b"QEMU", b"PC", b"q35")
              + structure(2, b"\1\2" + bytes(4), b"Board", b"Name")
              + structure(127, b""))
    entry = bytearray(struct.pack("<5sBBBBBBBIQ", b"_SM3_", 0, 24, 3, 0, 0, 1,
                                  0, len(table_), SMBIOS_AT + 32))
    entry[5] = -sum(entry) & 0xFF
    return {"structures": table_,
            "area": bytes(entry) + bytes(8) + table_}


def params():
    return {"all": b'flag num=0x10 int=-3 mem=64M mod.text="a b" other x.y=1 '
                   b'flag=off no_such="quoted text" num=99999999999',
            "odd": b'"unclosed flag= =5 -- num= mem=1T int=-2147483648'}


def cpio():
    return {"two": initrd.archive({"modules/a.ko": b"text", "b": b"x" * 9})}


def elf():
    """An object with sections, symbols and relocations, made by hand."""
    names = b"\0.text\0.data\0.rela.text\0.symtab\0.strtab\0.modinfo\0"

    def name(text):
        return names.index(text + b"\0")

    strings = b"\0here\0there\0"
    symbols = bytes(24) + struct.pack("<IBBHQQ", 1, 0, 0, 2, 0, 8) + \
        struct.pack("<IBBHQQ", 6, 16, 0, 0, 0, 0)
    relas = struct.pack("<QQq", 0, 2 << 32 | 4, -4) + \
        struct.pack("<QQq", 4, 1 << 32 | 11, 0)
    info = b"name=x\0parameter=x.a:help\0"
    parts = [(name(b".text"), 1, 6, b"\x90" * 16, 0, 0, 0),
             (name(b".data"), 1, 3, b"d" * 8, 0, 0, 0),
             (name(b".rela.text"), 4, 0, relas, 4, 1, 24),
             (name(b".symtab"), 2, 0, symbols, 5, 1, 24),
             (name(b".strtab"), 3, 0, strings, 0, 0, 0),
             (name(b".modinfo"), 1, 2, info, 0, 0, 0),
             (name(b".strtab"), 3, 0, names, 0, 0, 0)]
    body, headers = b"", bytes(64)
    for text, kind, flags, data, link, target, size in parts:
        headers += struct.pack("<IIQQQQIIQQ", text, kind, flags, 0,
                               64 + len(body), len(data), link, target, 8,
                               size)
        body += data
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 1, 62, 1, 0, 0,
                         64 + len(body), 0, 64, 0, 0, 64, 1 + len(parts),
                         len(parts))
    return {"small": header + body + headers}


def virtqueue():
    """Requests that come and go, in each kind of ring (chaos.h)."""
    post, kick, get, use, interrupt = b"\x00\x05", b"\x03", b"\x04", 6, b"\x0b"
    seeds = {}
    for kind in range(32):
        body = bytes([kind, 7]) + (b"\xc8" if kind & 16 else b"")
        for i in range(40):
            body += post * 3 + kick + interrupt + get
            for used in range(8):
                body += bytes([use, used]) + bytes(kind & 1) + get
            body += bytes([14, i, 15, i % 9])
        seeds[f"kind{kind}"] = body
    return seeds


def virtio_console():
    """Ports that are announced, named, opened and written to."""
    def message(port, event, value, rest=b""):
        return bytes([0, port, event, value, len(rest)]) + rest + b"\x09" * 3

    sent = b"\x03\x03\x04\x03\x09" * 2
    port = b"".join(
        message(n, 1, 0) + sent + message(n, 7, 0, b"org.%d\0" % n)
        + message(n, 6, 1) + sent for n in range(4))
    use = (b"\x05\x01\x09" + sent + b"\x02\x01\x05hello\0" + b"\x0f\x01\x20"
           + b"\x19\x01\x40" + b"\x03\x05\x04\x05" + b"\x23\x01" + sent)
    console = (message(2, 4, 1) + sent + message(2, 5, 0, b"\x50\0\x19\0")
               + b"\x06" * 3 + b"\x02\x02\x03abc\0" + b"\x06")
    body = b"\x05\x00" + b"\x09" + sent + port + use + console
    seeds = {"split": b"\x07" + body[1:], "packed": b"\x0f" + body[1:]}
    for name in list(seeds):
        start = seeds[name][:1] + b"\x04" + seeds[name][2:]
        seeds[name] = start + message(1, 2, 0) + b"\x08" + start[2:]
    seeds["single"] = b"\x05\x01" + b"\x06" * 4 + b"\x07\x00\x60\x09"
    return seeds


def virtio_rng():
    data = bytes((7 * i * i + 3 * i) & 0xFF for i in range(64))
    return {"whole": b"\x05\x40" + data + b"\x00\x05\x40" + data,
            "short": b"\x05\x0a" + data[:10] + b"\x05\x14" + data[:20] + b"x",
            "empty": b"\x05\x00" * 9 + b"\x01\x05\x40" + data}


SEEDS = {"acpi": acpi, "boot": boot, "cpio": cpio, "module": elf,
         "params": params, "smbios": smbios, "virtio_pci": virtio_pci,
         "virtio_console": virtio_console, "virtio_rng": virtio_rng,
         "virtqueue": virtqueue}


def write(name, directory):
    """Write the seeds of target @name, and nothing else, to @directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.iterdir():
        old.unlink()
    for seed, data in SEEDS[name]().items():
        (directory / seed).write_bytes(data)
