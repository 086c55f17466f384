# SPDX-License-Identifier: BSD-2-Clause
"""Machines as Hyper-V makes them, as far as QEMU can: its two generations.

What QEMU cannot leave out is the real-time clock, and PCI.
"""

from zirvium import TESTS_ONLY, Guest

# Of a PC's old devices generation 2 has the serial port alone, if asked for.
GENERATION_2 = (
    "q35,pit=off,pic=off,hpet=off,i8042=off,smbus=off,sata=off,vmport=off"
)
# A PIIX, which ACPI still gives a timer.
GENERATION_1 = "pc,hpet=off,vmport=off"


def test_generation_2_boots_by_uefi_from_scsi(start, make_iso, uefi):
    drive = f"if=none,id=cd,file={make_iso(TESTS_ONLY)},media=cdrom,readonly=on"
    guest = Guest.start(
        start,
        machine=GENERATION_2,
        uefi=True,
        smp=2,
        memory="256M",
        vga="none",
        extra=(
            *("-device", "virtio-scsi-pci", "-drive", drive),
            *("-device", "scsi-cd,drive=cd"),
        ),
    )
    assert guest.finish().passed


def test_generation_1_boots_by_bios_from_ide(boot_iso):
    guest = boot_iso(TESTS_ONLY, machine=GENERATION_1, smp=2)
    assert guest.finish().passed
