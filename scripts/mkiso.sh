#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Make a bootable ISO image for BIOS and UEFI, from CD as well as from disk,
# of a kernel: GRUB, its menu, the kernel, perhaps an initrd, nothing else.
#
# usage: mkiso.sh KERNEL OUT [--timeout SECONDS] [--initrd FILE]
#                 [--append WORDS]
#
# The same kernel and GRUB give the same bytes: grub-mkrescue would put the
# time and random identifiers in, so its steps are taken here one by one.

set -eu

timeout=2
append=
initrd=
kernel=${1:?no kernel given}
out=${2:?no output given}
shift 2
while [ $# -gt 1 ]; do
	case $1 in
	--timeout) timeout=$2 ;;
	--append) append=$2 ;;
	--initrd) initrd=$2 ;;
	*)
		echo "error: mkiso.sh: unknown option $1" >&2
		exit 2
		;;
	esac
	shift 2
done

grub=${GRUB_DIR:-/usr/lib/grub}
label=ZIRVIUM
# The date of everything in the image: 2026-01-01 00:00:00 UTC.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1767225600}
export SOURCE_DATE_EPOCH
fat_serial=5a495256
fat_kib=1440

modules_common="iso9660 fat part_gpt part_msdos search search_label normal \
configfile test echo ls cat sleep reboot halt boot terminal multiboot2"
modules_bios="biosdisk serial vga_text iorw"
modules_efi="efi_gop efi_uga"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Each word of --append as a word of GRUB's script, whatever is in it.
quoted_append() {
	set -f
	for word in $append; do
		printf " '%s'" "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"
	done
	set +f
}

entry() {
	title=$1
	shift
	printf 'menuentry "%s" {\n\tmultiboot2 /boot/zirvium.elf %s%s\n' \
		"$title" "$*" "$(quoted_append)"
	[ -z "$initrd" ] || printf '\tmodule2 /boot/initrd.cpio\n'
	# On a BIOS, text: GRUB dies handing over a display of 256 colours, and
	# some offer no other. `multiboot2` sets it for the kernel's wishes, so
	# this stands behind it.
	cat <<-'EOM'
		if [ "$grub_platform" != efi ]; then
			set gfxpayload=text
		fi
	}
	EOM
}

write_menu() {
	cat <<-EOM
	set timeout=$timeout
	set timeout_style=menu
	set default=0
	EOM
	cat <<-'EOM'
	# On UEFI, firmware mirrors its console to a serial port if it is told to.
	if [ "$grub_platform" != efi ]; then
		# Ask the port's scratch register whether it is there, since
		# `serial` stops the boot with a message if it is not.
		outb 0x3ff 0x5a
		inb -v scratch 0x3ff
		if [ "$scratch" = 5a ]; then
			serial --unit=0 --speed=115200
			terminal_input serial console
			terminal_output serial console
		fi
	fi
	EOM
	entry "Zirvium: self-tests, then a shell" selftest=all
	entry "Zirvium: shell only" selftest=none
	entry "Zirvium: safe mode (no paravirtualization)" nopv selftest=all
}

# Before the menu is read: find the image's own file system.
write_early() {
	cat <<-EOM
	search --no-floppy --set=root --label $label
	set prefix=(\$root)/boot/grub
	EOM
}

# core_image FORMAT OUT MODULE...
core_image() {
	format=$1
	image=$2
	shift 2
	grub-mkimage -O "$format" -d "$grub/${format%-eltorito}" \
		-p /boot/grub -c "$work/early.cfg" -o "$image" "$@"
}

efi_partition() {
	truncate -s "${fat_kib}K" "$1"
	mformat -i "$1" -f "$fat_kib" -N "$fat_serial" ::
	mmd -i "$1" ::/EFI ::/EFI/BOOT
	mcopy -i "$1" "$work/BOOTX64.EFI" ::/EFI/BOOT/BOOTX64.EFI
}

write_early >"$work/early.cfg"
mkdir -p "$work/iso/boot/grub"
cp "$kernel" "$work/iso/boot/zirvium.elf"
[ -z "$initrd" ] || cp "$initrd" "$work/iso/boot/initrd.cpio"
write_menu >"$work/iso/boot/grub/grub.cfg"
# shellcheck disable=SC2086 # lists of words
{
	core_image i386-pc-eltorito "$work/iso/boot/grub/bios.img" \
		$modules_common $modules_bios
	core_image x86_64-efi "$work/BOOTX64.EFI" \
		$modules_common $modules_efi
}
efi_partition "$work/efi.img"
chmod -R u=rwX,go=rX "$work/iso"
find "$work/iso" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +

xorriso -as mkisofs -o "$work/out.iso" -V "$label" \
	-r -J -sysid "" \
	--grub2-mbr "$grub/i386-pc/boot_hybrid.img" --protective-msdos-label \
	-partition_offset 16 -c /boot/grub/boot.cat \
	-b /boot/grub/bios.img -no-emul-boot -boot-load-size 4 \
	-boot-info-table --grub2-boot-info \
	-append_partition 2 0xef "$work/efi.img" -appended_part_as_gpt \
	-eltorito-alt-boot -e --interval:appended_partition_2:all:: \
	-no-emul-boot "$work/iso" >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 1
}
mv "$work/out.iso" "$out"
