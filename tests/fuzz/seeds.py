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


def generation():
    """A generation counter in both ways, its event, and a device of ports."""
    buffer = package(b"\x11", b"\x0a\x0a\x47\1\x10\5\x10\5\1\x0c\x79\0")
    counter = b"VGEN\x08_HID\x0dQEMUVGID\0\x08_CID\x0dVM_Gen_Counter\0"
    address = package(b"\x12", b"\2\x0c\x28\xf0\xff\7\0")
    event = package(b"\x14", b"_E05\0\x86VGEN\x0a\x80")
    return (b"\x08VGIA\x0c\0\xf0\xff\7"
            + package(b"\x5b\x82", counter + b"\x08ADDR" + address)
            + package(b"\x5b\x82", b"FWCF\x08_CRS" + buffer) + event)


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


def iort():
    """A root complex, whose messages go to an ITS through an SMMU."""
    group = struct.pack("<BHBIIIII", 0, 24, 1, 0, 0, 0, 1, 7)
    smmu = struct.pack("<BHBIII", 4, 88, 4, 1, 1, 68) + bytes(52) + \
        struct.pack("<IIIII", 0, 0xFFFF, 0, 48, 0)
    root = struct.pack("<BHBIII", 2, 56, 3, 2, 1, 36) + bytes(20) + \
        struct.pack("<IIIII", 0, 0xFFFF, 0, 48 + 24, 0)
    return table(b"IORT", struct.pack("<III", 3, 48, 0) + group + smmu + root)


def acpi():
    """Tables, each on a boundary of 16 bytes, behind an RSDP and an XSDT."""
    def layout(at):
        tables = [
            fadt(at.get("dsdt", 0)), madt(),
            iort(),
            table(b"MCFG", bytes(8) + struct.pack("<QHBBI", 0xB0000000, 0, 0,
                                                  3, 0)),
            table(b"HPET", struct.pack("<I", 0x8086A201) + gas(0, 0x10020)
                  + struct.pack("<BHB", 0, 100, 0)),
            table(b"SPCR", struct.pack("<B3x", 0) + gas(1, 0x3F8)
                  + struct.pack("<BBIBBBBBB", 1, 4, 0, 7, 0, 1, 0, 3, 0)
                  + bytes(18)),
            table(b"SSDT", b"\x08_S5_\x12\x06\x02\x0a\x07\x0a\x05"),
            table(b"SSDT", generation()),
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


def virtio_net():
    """Modern and legacy devices, frames over several buffers, each step."""
    config = struct.pack("<6sHHHIBBHI", b"\x52\x54\0\1\2\3", 1, 1, 1500, 1000,
                         1, 40, 128, 63)

    def receive(kind, length, flags=0, gso=0, buffers=1, offset=16):
        header = struct.pack("<BBHHHHHIHH", flags, gso, 54, 100, 34, offset,
                             buffers, 7, 2, 0)
        frame = bytes(34 + 12) + b"\x50" + bytes(17)
        return struct.pack("<HH", kind, length) + header + frame

    def step(kind, *values):
        return struct.pack(f"<{1 + len(values)}H", kind, *values)

    steps = (receive(0, 101) + receive(1, 8, 1, 1, 2) + receive(2, 77)
             + step(3) + receive(0, 101, 1, 4) + receive(0, 101, 2)
             + step(3) + step(4, 0, 0, 0, 0, 0) + bytes(102)
             + step(5, 0, 0, 0, 0, 0) + step(6) + config + step(3)
             + step(7, 0, 0, 20) + step(3))
    modern = 0x1_0000_0000 | 0xFFFFFF
    return {
        "modern": struct.pack("<Q", modern) + config + steps,
        "hashes": struct.pack("<Q", modern | 0x13F << 52) + config + steps,
        "packed": struct.pack("<Q", modern | 1 << 34) + config + steps,
        "big": struct.pack("<Q", modern & ~(1 << 15) | 1 << 28) + config
        + steps,
        "legacy": struct.pack("<Q", 0xFFFFFF) + config + steps,
    }


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


def partition():
    """An MBR with logical partitions, and a GPT (fuzz_partition.c)."""
    def mbr(first, *entries):
        table_ = b"".join(struct.pack("<4xB3xII", *e) for e in entries)
        return bytes([first]) + bytes(445) + table_.ljust(64, b"\0") + \
            b"\x55\xaa"

    def block(*blocks):
        image = bytearray(512 * 1000)
        for at, data in blocks:
            image[at * 512:at * 512 + len(data)] = data
        return bytes(image[:16384])

    chain = block((0, mbr(0, (0x83, 8, 4), (5, 20, 10))),
                  (20, mbr(0, (0x83, 1, 2), (5, 3, 5))),
                  (23, mbr(0, (0x83, 1, 1))))
    header = struct.pack("<QIIIIQQQQ16xQIII", 0x5452415020494645, 0x10000, 92,
                         0, 0, 1, 1023, 6, 1000, 2, 16, 128, 0)
    entry = b"\1" + bytes(31) + struct.pack("<QQ", 100, 199) + bytes(80)
    gpt = block((0, mbr(1, (0xee, 1, 1023))), (1, header), (2, entry))
    copy = block((0, mbr(2, (0xee, 1, 1023))),
                 (1, header[:24] + struct.pack("<Q", 1023) + header[32:]),
                 (2, entry))
    return {"chain": chain, "gpt": gpt, "copy": copy}


def virtio_blk():
    """Features, queue size, configuration, answers (fuzz_virtio_blk.c)."""
    config = struct.pack("<QIIHBBIBBHIBBHIIIIIB3xIII24x", 1024, 4096, 8, 0, 0,
                         0, 512, 3, 0, 1, 8, 1, 0, 2, 64, 1, 1, 64, 1, 1, 64,
                         1, 1)
    ask = bytes(x for op in range(8) for x in (op, op & 3, 8 * op))
    seeds = {}
    for name, features in (("plain", 0), ("all", 0x13E76)):
        for how in range(32):
            seeds[f"{name}{how}"] = struct.pack("<I", features)[:3] + \
                b"\6" + config + bytes(8) + ask + bytes([how, 0, 2, 1]) * 9
    return seeds


def dhcp():
    """An offer, and an acknowledgement with options in every field."""
    def reply(kind, options, name=b"", file=b""):
        return (struct.pack("!BBBBIHHIIII6s10s64s128sI", 2, 1, 6, 0,
                            0xABAD1DEA, 0, 0, 0, 0x0A000055, 0, 0, OWN_MAC,
                            b"", name, file, 0x63825363)
                + bytes((53, 1, kind)) + options + b"\xff")

    sound = (b"\x36\4\x0a\0\0\1\1\4\xff\xff\xff\0\3\4\x0a\0\0\1"
             b"\6\x08\x0a\0\0\1\x0a\0\0\3\x33\4\0\0\x0e\x10")
    times = b"\x3a\4\0\0\0\x20\x3b\4\0\0\0\x30"
    return {"offer": reply(2, sound), "nak": reply(6, b"\x36\4\x0a\0\0\1"),
            "ack": reply(5, sound + times + b"\x34\1\3", b"\3\4\x0a\0\0\2\xff",
                         b"\0\0\6\4\x0a\0\0\7\xff")}


def dns():
    head = struct.pack("!HHHHHH", 0x1234, 0x8180, 1, 2, 0, 0)
    question = b"\3www\7example\3com\0" + struct.pack("!HH", 1, 1)
    alias = b"\xc0\x0c" + struct.pack("!HHIH", 5, 1, 60, 4) + b"\1a\xc0\x10"
    address = struct.pack("!HHIH", 1, 1, 60, 4) + bytes((93, 184, 216, 34))
    return {"address": head + question + b"\xc0\x0c" + address,
            "alias": head + question + alias + b"\1a\xc0\x10" + address,
            "none": struct.pack("!HHHHHH", 0x1234, 0x8183, 1, 0, 0, 0)
            + question}


OWN_MAC = bytes.fromhex("525400123456")
PEER_MAC = bytes.fromhex("020000000001")


def frame(kind, payload, about=3, tag=b""):
    """As the target wants it: its length, what is said of it, itself."""
    data = OWN_MAC + PEER_MAC + tag + struct.pack("!H", kind) + payload
    return struct.pack("!HB", len(data), about) + data


def ip(protocol, payload, fragment=0, about=3, tag=b""):
    head = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(payload), 7, fragment,
                       64, protocol, 0, 0x0A000001, 0x0A000002)
    return frame(0x0800, head + payload, about, tag)


def udp(payload, port=4000):
    return struct.pack("!HHHH", 7, port, 8 + len(payload), 0) + payload


def net():
    arp = [frame(0x0806, struct.pack("!HHBBH6sI6sI", 1, 0x800, 6, 4, kind,
                                     PEER_MAC, 0x0A000001, bytes(6),
                                     0x0A000002)) for kind in (1, 2)]
    echo = struct.pack("!BBHHH", 8, 0, 0, 1, 1) + b"echo"
    quoted = struct.pack("!BBHHHBBHIIHHHH", 0x45, 0, 29, 1, 0, 64, 17, 0,
                         0x0A000002, 0x0A000001, 49152, 7, 9, 0)
    large = udp(bytes(2000))
    return {
        "arp": b"".join(arp),
        "udp": arp[1] + ip(17, udp(b"hello")) + ip(17, udp(b"closed", 5)),
        "echo": arp[0] + ip(1, echo),
        "unreachable": arp[1] + ip(1, bytes((3, 3)) + bytes(6) + quoted),
        "fragments": ip(17, large[:1000], 0x2000) + ip(17, large[1000:], 125),
        "backwards": ip(17, large[1000:], 125) + ip(17, large[:1000], 0x2000),
        "overlap": ip(17, large[:1000], 0x2000) + ip(17, large[800:], 100, 19),
        "segments": ip(17, udp(bytes(100)), about=0xE7),
        "pieces": ip(17, udp(bytes(100)), about=0x0B),
        "vlan": ip(17, udp(b"tagged"), tag=b"\x81\0\0\5"),
    }


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


def cells(*values):
    return struct.pack(f">{len(values)}I", *values)


class Tree:
    """A flattened device tree, as it is written."""

    def __init__(self):
        self.structure = self.strings = b""

    def text(self, data):
        self.structure += data + bytes(-len(data) % 4)

    def node(self, name, properties, *children):
        self.structure += cells(1)
        self.text(name.encode() + b"\0")
        for key, value in properties.items():
            data = value.encode() + b"\0" if isinstance(value, str) else value
            self.structure += cells(3, len(data), len(self.strings))
            self.text(data)
            self.strings += key.encode() + b"\0"
        for child in children:
            self.node(*child)
        self.structure += cells(2)
        return self

    def blob(self, *reserved):
        memory = b"".join(struct.pack(">QQ", *r) for r in (*reserved, (0, 0)))
        structure = self.structure + cells(9)
        at = 40 + len(memory)
        end = at + len(structure)
        return cells(0xD00DFEED, end + len(self.strings), at, end, 40, 17, 16,
                     0, len(self.strings), len(structure)
                     ) + memory + structure + self.strings


def fdt():
    two = {"#address-cells": cells(2), "#size-cells": cells(2)}
    gic = ("gic@8000000", {
        "compatible": "arm,gic-400", "interrupt-controller": b"",
        "#interrupt-cells": cells(3), "#address-cells": cells(0),
        "phandle": cells(1), "reg": cells(0, 0x8000000, 0, 0x10000)},
        ("v2m", {"compatible": "arm,gic-v2m-frame", "phandle": cells(2),
                 "msi-controller": b""}))
    uart = ("pl011@9000000", {
        "compatible": "arm,pl011", "status": "okay",
        "reg": cells(0, 0x9000000, 0, 0x1000), "interrupts": cells(0, 1, 4)})
    pci = ("pci@70000000", {
        "compatible": "pci-host-ecam-generic", "device_type": "pci",
        "#address-cells": cells(3), "#size-cells": cells(2),
        "#interrupt-cells": cells(1), "reg": cells(0, 0x70000000, 0, 0x100000),
        "ranges": cells(0x2000000, 0, 0x50000000, 0, 0x50000000, 0, 0x1000000),
        "interrupt-map-mask": cells(0xF800, 0, 0, 7),
        "interrupt-map": cells(0, 0, 0, 1, 1, 0, 32, 4,
                               0x800, 0, 0, 2, 1, 0, 33, 4),
        "msi-map": cells(0, 2, 0, 0x10000), "msi-parent": cells(2)})
    bus = ("bus", {"ranges": cells(0, 0, 0, 0x1000, 0, 0x1000), **two},
           ("leaf@10", {"reg": cells(0, 0x10, 0, 4)}))
    chosen = ("chosen", {"stdout-path": "serial0:115200"})
    names = ("aliases", {"serial0": "/pl011@9000000"})
    root = {"compatible": "linux,dummy-virt", "interrupt-parent": cells(1)}
    return {
        "machine": Tree().node("", {**root, **two}, gic, uart, pci, bus,
                               chosen, names).blob((0x40000000, 0x1000)),
        "empty": Tree().node("", {}).blob(),
        "deep": Tree().node("", two, ("a", two, ("b", two, bus))).blob()}


def virtio_rng():
    data = bytes((7 * i * i + 3 * i) & 0xFF for i in range(64))
    return {"whole": b"\x05\x40" + data + b"\x00\x05\x40" + data,
            "short": b"\x05\x0a" + data[:10] + b"\x05\x14" + data[:20] + b"x",
            "empty": b"\x05\x00" * 9 + b"\x01\x05\x40" + data}


def fw_cfg():
    """Directories with parameters, read both ways."""
    def file(name, size, number):
        return struct.pack(">IHH56s", size, number, 0, name)

    words = b'loglevel=7 x="a b"\n'
    names = (b"etc/e820", b"bootorder", b"opt/org.zirvium/cmdline")
    entries = b"".join(file(name, len(words), 0x20 + n)
                       for n, name in enumerate(names))
    many = b"".join(file(b"genroms/%d" % n, n, 0x20 + n) for n in range(40))
    strange = file(b"n" * 56, 1, 0x20) + file(b"a b", 1, 0x21) + \
        file(b"low", 1, 2)
    return {
        "dma": b"\1\3" + struct.pack(">I", 3) + entries + words,
        "bytes": b"\0\3" + struct.pack(">I", 3) + entries + words,
        "fails": b"\3\3" + struct.pack(">I", 3) + entries + words,
        "many": b"\1\x28" + struct.pack(">I", 40) + many,
        "endless": b"\1\6" + b"\xff" * 4 + strange + entries + b'"',
    }


def xenstore():
    """Messages in pieces, each behind the number of its bytes."""

    def pieces(data, size):
        parts = [data[i : i + size] for i in range(0, len(data), size)]
        return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"

    def message(kind, body):
        return struct.pack("<IIII", kind, 1, 0, len(body)) + body

    event = message(15, b"a/path\0" + b"12\0")
    return {
        "read": pieces(message(2, b"value"), 100),
        "list": pieces(message(1, b"one\0two\0three\0"), 7),
        "event": pieces(event + event, 100),
        "error": pieces(message(16, b"ENOENT\0"), 100),
        "long": pieces(message(2, bytes(4096)), 120),
        "too-long": pieces(struct.pack("<IIII", 2, 1, 0, 4097), 100),
        "index": pieces(event, 9) + b"\x80\xff\x80\xff",
    }


SEEDS = {"acpi": acpi, "boot": boot, "cpio": cpio, "dhcp": dhcp, "dns": dns,
         "fdt": fdt, "fw_cfg": fw_cfg,
         "module": elf, "net": net, "params": params, "partition": partition,
         "smbios": smbios, "virtio_blk": virtio_blk,
         "virtio_console": virtio_console, "virtio_net": virtio_net,
         "virtio_pci": virtio_pci, "virtio_rng": virtio_rng,
         "virtqueue": virtqueue, "xenstore": xenstore}


def write(name, directory):
    """Write the seeds of target @name, and nothing else, to @directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.iterdir():
        old.unlink()
    for seed, data in SEEDS[name]().items():
        (directory / seed).write_bytes(data)
