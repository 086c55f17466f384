# SPDX-License-Identifier: BSD-2-Clause
"""virtio disks: each kind of device moves the right bytes to the right place.

What the guest writes is read from the image by the host, and the other way.
"""

import re
import struct
import time
import uuid
import zlib

import pytest

MIB = 1 << 20
SIZE = 4 * MIB
SECTOR = 512
# The self-tests use the first megabyte.
FROM_HOST, FROM_GUEST, PIECE = 2 * MIB, 3 * MIB, 1 << 17

# Devices of each kind of machine: what is behind "drive=...,serial=...".
PCI, MMIO = "virtio-blk-pci", "virtio-blk-device"
MODERN, LEGACY = "disable-legacy=on", "disable-legacy=off,disable-modern=on"
Q35 = (
    (PCI, f"{MODERN},num-queues=4"),
    (PCI, f"{MODERN},num-queues=1,packed=on"),
    (PCI, f"{MODERN},num-queues=4,packed=on,vectors=2,"
          "logical_block_size=4096,physical_block_size=4096"),
    (PCI, "disable-legacy=off,num-queues=4,vectors=0"),
    (PCI, "disable-legacy=off,num-queues=1,event_idx=off,indirect_desc=off"),
    (PCI, f"{LEGACY},num-queues=4,vectors=5"),
    (PCI, f"{LEGACY},num-queues=1,vectors=0,queue-size=16,seg-max-adjust=on"),
    (PCI, f"{MODERN},num-queues=2,vectors=0,packed=on"),
)
ARM64 = (
    (PCI, f"{MODERN},num-queues=4"),
    (PCI, f"{MODERN},num-queues=1,vectors=0,packed=on"),
    (MMIO, "num-queues=1"),
    (MMIO, "num-queues=4"),
    (PCI, f"{LEGACY},num-queues=4"),
    (PCI, f"{LEGACY},num-queues=1,vectors=0"),
    (PCI, "disable-legacy=off,num-queues=2"),
)
# Version 1 has no packed rings.
MMIO_PACKED = (MMIO, "num-queues=4,packed=on")
MICROVM = ((MMIO, "num-queues=2"), (MMIO, "queue-size=32,event_idx=off"))
MODERN_MMIO = ("-global", "virtio-mmio.force-legacy=false")
MICROVM_MACHINE = "microvm,isa-serial=on"


def words(seed: int, offset: int, length: int) -> bytes:
    """The pattern of blkfill."""
    return b"".join(struct.pack("<Q", at ^ seed)
                    for at in range(offset, offset + length, 8))


def drive(path, name: str, more: str = "") -> tuple[str, str]:
    return "-drive", f"if=none,id={name},format=raw,file={path}{more}"


def make_disks(folder, devices):
    """QEMU's options for @devices, and the images, by serial number."""
    images, extra = {}, []
    for i, (model, options) in enumerate(devices):
        serial = f"disk{i}"
        path = images[serial] = folder / f"{serial}.img"
        with path.open("wb") as image:
            image.truncate(SIZE)
            image.seek(FROM_HOST)
            image.write(words(i, FROM_HOST, PIECE))
        extra += [*drive(path, serial, ",discard=unmap"), "-device",
                  f"{model},drive={serial},serial={serial},{options}"]
    return images, tuple(extra)


def names(guest) -> dict[str, str]:
    """The disks' names by their serial numbers."""
    found = re.findall(r"^(vd\w+) .* disk .* (\w+)$", guest.run("lsblk -v"),
                       re.MULTILINE)
    return {serial: name for name, serial in found}


def check_disks(guest, images):
    """Boot's self-tests passed; then each disk in both directions."""
    guest.wait_prompt()
    report = guest.report()
    assert report.ok, report.summary()
    assert report.passed
    disks = names(guest)
    assert disks.keys() == images.keys()
    for i, (serial, path) in enumerate(images.items()):
        disk = disks[serial]
        there = f"{disk} -s {FROM_HOST} -n {PIECE}"
        assert "as it should be" in guest.run(f"blkcheck {there} {i}")
        assert "differs" in guest.run(f"blkcheck {there} {i + 1}")
        there = f"{disk} -s {FROM_GUEST} -n {PIECE}"
        assert guest.run(f"blkfill {there} {i + 77}") == ""
        with path.open("rb") as image:
            image.seek(FROM_GUEST)
            written = image.read(PIECE + SECTOR)
        assert written[:PIECE] == words(i + 77, FROM_GUEST, PIECE), disk
        assert not any(written[PIECE:])


def all_named(devices) -> str:
    letters = "abcdefgh"[:len(devices)]
    return "selftest=blk blk_test=" + ",".join(f"vd{x}" for x in letters)


def test_pci_disks_keep_their_data(boot, tmp_path):
    images, extra = make_disks(tmp_path, Q35)
    guest = boot(all_named(Q35), smp=4, extra=extra, vga="none")
    check_disks(guest, images)


def test_disks_keep_their_data_through_a_small_pool(boot, tmp_path):
    images, extra = make_disks(tmp_path, Q35[:2])
    guest = boot(all_named(Q35[:2]) + " swiotlb=128,force", smp=2, extra=extra,
                 vga="none")
    check_disks(guest, images)


@pytest.mark.parametrize("version", [1, 2])
def test_mmio_disks_keep_their_data(boot, tmp_path, version):
    devices = MICROVM + ((MMIO_PACKED,) if version == 2 else ())
    images, extra = make_disks(tmp_path, devices)
    guest = boot(all_named(devices), smp=2, machine=MICROVM_MACHINE,
                 extra=extra + (MODERN_MMIO if version == 2 else ()),
                 vga="none")
    check_disks(guest, images)


@pytest.mark.parametrize("version", [1, 2])
def test_disks_on_arm64_keep_their_data(boot_arm64, tmp_path, version):
    devices = ARM64 + ((MMIO_PACKED,) if version == 2 else ())
    images, extra = make_disks(tmp_path, devices)
    guest = boot_arm64(all_named(devices), smp=4,
                       extra=extra + (MODERN_MMIO if version == 2 else ()))
    check_disks(guest, images)


def gpt(image, sectors: int, *partitions: tuple[int, int]):
    """Write a GPT with @partitions (first and last sector) to @image."""
    entries = b"".join(
        struct.pack("<16s16sQQ80x", b"\1" * 16, uuid.uuid4().bytes, *p)
        for p in partitions).ljust(128 * 128, b"\0")

    def header(here, other, array):
        fields = [0x5452415020494645, 0x10000, 92, 0, 0, here, other, 34,
                  sectors - 34, b"\2" * 16, array, 128, 128,
                  zlib.crc32(entries)]
        fields[3] = zlib.crc32(struct.pack("<QIIIIQQQQ16sQIII", *fields))
        return struct.pack("<QIIIIQQQQ16sQIII", *fields)

    def put(sector, data):
        image.seek(sector * SECTOR)
        image.write(data)

    protective = struct.pack("<4xB3xII", 0xEE, 1, sectors - 1)
    put(0, bytes(446) + protective.ljust(64, b"\0") + b"\x55\xaa")
    put(1, header(1, sectors - 1, 2))
    put(2, entries)
    put(sectors - 33, entries)
    put(sectors - 1, header(sectors - 1, 1, sectors - 33))


DISKS = ("parts", "fixed", "broken", "slow")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("disks")
    for name in DISKS:
        with (folder / f"{name}.img").open("wb") as image:
            image.truncate(SIZE)
    with (folder / "parts.img").open("r+b") as image:
        gpt(image, SIZE // SECTOR, (2048, 4095), (4096, 5000))
    return folder


# Reads of this sector fail, and the requests that it is a part of.
BAD_SECTOR = 4096
BLKDEBUG = f"""[inject-error]
event = "read_aio"
errno = "5"
sector = "{BAD_SECTOR}"
"""


@pytest.fixture(scope="module")
def shared(module_boot, folder):
    """A machine with a disk for each kind of trouble."""
    rules = folder / "blkdebug.conf"
    rules.write_text(BLKDEBUG)
    device = "virtio-blk-pci,disable-legacy=on,drive={0},serial={0}"
    file = "driver=file,filename={0}/{1}.img,node-name=f{1}"
    extra = [
        *drive(folder / "parts.img", "parts"),
        *drive(folder / "fixed.img", "fixed", ",readonly=on"),
        "-drive", f"if=none,id=broken,format=raw,file=blkdebug:{rules}:"
                  f"{folder}/broken.img",
        "-object", "throttle-group,id=group",
        "-blockdev", file.format(folder, "slow"),
        "-blockdev", "driver=throttle,node-name=slow,throttle-group=group,"
                     "file=fslow",
    ]
    for name in DISKS:
        extra += ["-device", device.format(name)]
    guest = module_boot("selftest=none blk_timeout_ms=3000 elevator=deadline",
                        smp=2, extra=tuple(extra), vga="none", memory="256M")
    guest.wait_prompt()
    return guest, names(guest)


def test_partitions_are_listed_and_used(shared, folder):
    guest, disks = shared
    disk = disks["parts"]
    text = guest.run("lsblk")
    assert re.search(rf"^{disk} +4M  0 disk$", text, re.MULTILINE)
    assert re.search(rf"^\|-{disk}1 +1M  0 part$", text, re.MULTILINE)
    assert re.search(rf"^`-{disk}2 +452.5K  0 part$", text, re.MULTILINE)
    assert guest.run(f"blkfill {disk}2 -n 4096 5") == ""
    with (folder / "parts.img").open("rb") as image:
        image.seek(4096 * SECTOR)
        assert image.read(4096) == words(5, 0, 4096)
    assert "has 463360 bytes" in guest.run(f"hexdump {disk}2 -s 463361")


def test_partitions_are_read_again_on_request(shared, folder):
    guest, disks = shared
    disk = disks["broken"]
    assert f"{disk}1" not in guest.run("lsblk")
    with (folder / "broken.img").open("r+b") as image:
        gpt(image, SIZE // SECTOR, (2048, 4095))
    assert f"{disk}1" in guest.run(f"partprobe {disk}")
    assert f"`-{disk}1" in guest.run("lsblk")
    assert "no disk" in guest.run(f"partprobe {disk}1")


def test_a_resized_disk_is_noticed(shared):
    guest, disks = shared
    disk = disks["parts"]
    guest.machine.qmp.command("block_resize", device="parts", size=SIZE + MIB)
    guest.machine.expect(rf"{disk}: the size changed from 8192 to 10240")
    assert re.search(rf"^{disk} +5M ", guest.run("lsblk"), re.MULTILINE)
    at = f"{disk} -s {SIZE} -n 4096"
    assert guest.run(f"blkfill {at} 3") == ""
    assert "as it should be" in guest.run(f"blkcheck {at} 3")
    guest.machine.qmp.command("block_resize", device="parts", size=SIZE)
    guest.machine.expect(rf"{disk}: the size changed from 10240 to 8192")
    assert "has 4194304 bytes" in guest.run(f"blkfill {at} 3")


def test_a_read_only_disk_is_not_written(shared):
    guest, disks = shared
    disk = disks["fixed"]
    assert re.search(rf"^{disk} +4M  1 disk$", guest.run("lsblk"),
                     re.MULTILINE)
    assert "error 30" in guest.run(f"blkfill {disk} -n 512 0")
    assert "as it" not in guest.run(f"blkcheck {disk} -n 512 1")


def test_errors_are_told_and_others_go_on(shared):
    guest, disks = shared
    disk = disks["broken"]
    bad = BAD_SECTOR * SECTOR
    assert "error 5" in guest.run(f"hexdump {disk} -s {bad} -n 16")
    assert "error 5" in guest.run(f"hexdump {disk} -s {bad} -n 16")
    assert "00000200  " in guest.run(f"hexdump {disk} -s 512 -n 16")
    assert re.search(r"2 failed", guest.run("iostat"))


def test_cache_and_scheduler_are_set(shared):
    guest, disks = shared
    disk = disks["parts"]

    def line():
        return re.search(rf"^{disk} .*$", guest.run("lsblk -v"),
                         re.MULTILINE)[0]

    assert "deadline write-back" in line()
    assert guest.run(f"blkset {disk} cache write-through") == ""
    assert guest.run(f"blkset {disk} scheduler none") == ""
    assert re.search(r"none +write-through", line())
    assert guest.run(f"blkset {disk} completion polled") == ""
    assert guest.run(f"blkfill {disk}1 -n 65536 5") == ""
    assert "as it" in guest.run(f"blkcheck {disk}1 -n 65536 5")
    assert guest.run(f"blkset {disk} completion interrupt") == ""
    assert guest.run(f"blkset {disk} cache write-back") == ""
    assert "write-back" in line()


def test_benchmarks_run_and_do_not_write_unasked(shared):
    guest, _ = shared
    text = guest.run("bench blk.rand_read_4k_qd32")
    assert int(re.search(r"requests_per_s (\d+)", text)[1]) > 0
    assert "overwrite" in guest.run("bench blk.rand_write_4k_qd1")


# The last one: the disk is given up.
def test_a_disk_that_does_not_answer_is_given_up(shared):
    guest, disks = shared
    disk = disks["slow"]
    assert "|" in guest.run(f"hexdump {disk} -n 16")
    guest.machine.qmp.command("qom-set", path="/objects/group",
                              property="limits", value={"bps-total": 1024})
    started = time.monotonic()
    assert "error 5" in guest.run(f"blkfill {disk} -n 1M 0")
    assert "a request was not finished in time" in guest.machine.text
    assert time.monotonic() - started < 30
    assert "error 5" in guest.run(f"hexdump {disk} -n 16")
    assert "|" in guest.run(f"hexdump {disks['parts']} -n 16")


HOTPLUG = ("-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off",
           "-device", "pcie-root-port,id=rp0,chassis=1,addr=05.0",
           "-blockdev", "driver=null-co,node-name=null,size=67108864,"
                        "read-zeroes=on")
DEVICE = {"driver": "virtio-blk-pci", "id": "disk", "bus": "rp0",
          "drive": "null"}


def deleted(qmp) -> bool:
    return any(event["event"] == "DEVICE_DELETED" and
               event["data"].get("device") == "disk" for event in qmp.events)


def test_a_disk_is_plugged_in_and_unplugged_under_load(boot):
    guest = boot("selftest=none", smp=2, extra=HOTPLUG, vga="none")
    guest.wait_prompt()
    machine = guest.machine
    machine.qmp.command("device_add", **DEVICE)
    machine.expect(r"vda: 64 MiB in blocks of 512 bytes")
    guest.type("\r").wait_prompt()
    guest.type("bench blk\r")
    machine.expect(r"rand_read_4k_qd1 .*\n")
    machine.qmp.command("device_del", id="disk")
    # The case that runs ends with an error, and the others find no disk.
    machine.expect(r"left out: failed")
    machine.expect(r"left out: not on this machine")
    guest.wait_prompt()
    limit = time.monotonic() + 30
    while not deleted(machine.qmp):
        assert time.monotonic() < limit
        guest.run("lsblk")
    assert "vda" not in guest.run("lsblk")
    machine.qmp.command("device_add", **DEVICE)
    machine.expect(r"vda: 64 MiB in blocks of 512 bytes")
    guest.type("\r").wait_prompt()
    assert "00000000  00" in guest.run("hexdump vda -n 16")
