#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Make a bootable ISO image for arm64 UEFI firmware, from CD as well as from
# disk: the kernel, which is an EFI application, its command line and modules.
#
# usage: mkiso-arm64.sh IMAGE OUT [--timeout SECONDS] [--initrd INITRD]
#                       [--append WORDS]
#
# There is no boot loader and no menu, so --timeout changes nothing. To change
# the command line of an image, edit \EFI\BOOT\CMDLINE.TXT in its partition.
#
# The same kernel gives the same bytes.

set -eu

append=
initrd=
kernel=${1:?no kernel given}
out=${2:?no output given}
shift 2
while [ $# -gt 1 ]; do
	case $1 in
	--timeout) ;;
	--append) append=$2 ;;
	--initrd) initrd=$2 ;;
	*)
		echo "error: mkiso-arm64.sh: unknown option $1" >&2
		exit 2
		;;
	esac
	shift 2
done

label=ZIRVIUM
# The date of everything in the image: 2026-01-01 00:00:00 UTC.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1767225600}
export SOURCE_DATE_EPOCH
fat_serial=5a495256
fat_kib=2880

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

mkdir -p "$work/iso/EFI/BOOT"
cp "$kernel" "$work/iso/EFI/BOOT/BOOTAA64.EFI"
printf '%s\n' "${append:-selftest=all}" >"$work/iso/EFI/BOOT/CMDLINE.TXT"
[ -z "$initrd" ] || cp "$initrd" "$work/iso/EFI/BOOT/INITRD.CPIO"
chmod -R u=rwX,go=rX "$work/iso"
find "$work/iso" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +

truncate -s "${fat_kib}K" "$work/efi.img"
mformat -i "$work/efi.img" -f "$fat_kib" -N "$fat_serial" ::
mmd -i "$work/efi.img" ::/EFI ::/EFI/BOOT
mcopy -m -i "$work/efi.img" "$work/iso/EFI/BOOT/"* ::/EFI/BOOT/

xorriso -as mkisofs -o "$work/out.iso" -V "$label" -r -J -sysid "" \
	-partition_offset 16 \
	-append_partition 2 0xef "$work/efi.img" -appended_part_as_gpt \
	-e --interval:appended_partition_2:all:: -no-emul-boot \
	"$work/iso" >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 1
}
mv "$work/out.iso" "$out"
