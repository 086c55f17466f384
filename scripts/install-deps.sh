#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# See to it that the programs Zirvium's build and tests need are installed.
#
# usage: install-deps.sh GROUP...            install what is missing (Debian)
#        install-deps.sh --missing GROUP...  only name the missing packages
#
# Groups: build llvm iso run, the same with -arm64 behind, test fuzz check all.
# Nothing is asked and nothing is run but a look at the files when all is there
# already.

set -eu

# What each group needs: a package, what it is for, and what shows that it is
# there: a program in PATH, or a file.
needs() {
	case $1 in
	build)
		echo gcc gcc compiler
		echo binutils ld linker
		needs scripts
		;;
	build-arm64)
		echo gcc-aarch64-linux-gnu aarch64-linux-gnu-gcc compiler
		echo binutils-aarch64-linux-gnu aarch64-linux-gnu-ld linker
		needs scripts
		;;
	scripts)
		echo python3 /usr/bin/python3 "build scripts"
		echo python3-kconfiglib \
			/usr/lib/python3/dist-packages/kconfiglib.py \
			"configuration"
		echo console-setup-linux \
			/usr/share/consolefonts/Lat15-VGA16.psf.gz \
			"font of the console"
		echo pci.ids /usr/share/misc/pci.ids "names of PCI devices"
		;;
	llvm | llvm-arm64)
		echo clang clang compiler
		echo lld ld.lld linker
		echo llvm llvm-objcopy "object file tools"
		needs scripts
		;;
	iso-arm64)
		echo xorriso xorriso "ISO image"
		echo mtools mformat "UEFI boot image"
		;;
	iso)
		echo grub-common grub-mkrescue "boot loader's tools"
		echo grub-pc-bin /usr/lib/grub/i386-pc/kernel.img \
			"boot loader for BIOS"
		echo grub-efi-amd64-bin /usr/lib/grub/x86_64-efi/kernel.img \
			"boot loader for UEFI"
		echo xorriso xorriso "ISO image"
		echo mtools mformat "UEFI boot image"
		;;
	run)
		echo qemu-system-x86 qemu-system-x86_64 "virtual machine"
		echo ovmf /usr/share/OVMF/OVMF_CODE_4M.fd "UEFI firmware for it"
		;;
	run-arm64)
		echo qemu-system-arm qemu-system-aarch64 "virtual machine"
		echo qemu-efi-aarch64 /usr/share/AAVMF/AAVMF_CODE.fd \
			"UEFI firmware for it"
		;;
	test)
		echo device-tree-compiler dtc "device trees of test machines"
		echo u-boot-qemu /usr/lib/u-boot/qemu_arm64/u-boot.bin \
			"boot loader of arm64 boards, to test with"
		echo iproute2 /bin/ip "networks of Linux's own to test with"
		echo util-linux unshare "the same, without being root"
		echo gcc gcc "host unit tests"
		echo libc6-dev /usr/include/stdio.h "host unit tests"
		echo python3-pytest /usr/lib/python3/dist-packages/pytest \
			"test runner"
		echo python3-pexpect /usr/lib/python3/dist-packages/pexpect \
			"talking to the console in tests"
		;;
	fuzz)
		echo clang clang "fuzz targets"
		# The versioned one, of the compiler called clang.
		echo "$(fuzzer_package)" "$(fuzzer_library)" "libFuzzer"
		;;
	check)
		echo clang-format clang-format "code layout"
		echo clang-tidy clang-tidy "static analysis"
		echo cppcheck cppcheck "static analysis"
		echo sparse sparse "address spaces and byte order"
		echo shellcheck shellcheck "shell scripts"
		;;
	all)
		for group in build iso run build-arm64 iso-arm64 run-arm64 \
			test fuzz check llvm; do
			needs "$group"
		done
		;;
	*)
		echo "error: install-deps.sh: no group '$1'" >&2
		return 1
		;;
	esac
}

# libFuzzer belongs to one version of clang; Debian's default one if none is
# installed yet.
clang_version() {
	clang -dumpversion 2>/dev/null | cut -d . -f 1 | grep . || echo 14
}

fuzzer_package() {
	echo "libclang-rt-$(clang_version)-dev"
}

fuzzer_library() {
	directory=$(clang -print-resource-dir 2>/dev/null || echo /nonexistent)
	echo "$directory/lib/linux/libclang_rt.fuzzer-x86_64.a"
}

is_there() {
	case $1 in
	/*) [ -e "$1" ] ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# "package what for" for each package that is missing.
missing() {
	for group in "$@"; do
		needs "$group"
	done | sort -u -k 1,1 | while read -r package evidence purpose; do
		is_there "$evidence" || echo "$package $purpose"
	done
}

install() {
	if [ ! -e /etc/debian_version ] || ! command -v apt-get >/dev/null; then
		echo "error: this is not a Debian system: please install" \
			"what these Debian packages hold, then try again" >&2
		exit 1
	fi
	sudo=
	if [ "$(id -u)" -ne 0 ]; then
		if ! command -v sudo >/dev/null; then
			echo "error: there is no sudo: as root, please run:" >&2
			echo "  apt-get install --no-install-recommends $*" >&2
			exit 1
		fi
		sudo="sudo"
	fi
	for package in "$@"; do
		if ! apt-cache show "$package" >/dev/null 2>&1; then
			update
			break
		fi
	done
	# The lists may be older than what the mirror still has.
	apt_install "$@" || {
		update
		apt_install "$@"
	}
}

update() {
	echo "The package lists are missing or old: updating them."
	$sudo apt-get update -q </dev/null
}

apt_install() {
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
		--no-install-recommends "$@" </dev/null
}

only_name=
if [ "${1-}" = --missing ]; then
	only_name=y
	shift
fi
if [ $# -eq 0 ]; then
	sed -n 's/^# \{0,1\}//; 4,10p' "$0" >&2
	exit 2
fi

list=$(missing "$@")
packages=$(echo "$list" | cut -d " " -f 1 | xargs)
if [ -n "$only_name" ]; then
	echo "$packages"
	exit 0
fi
[ -n "$list" ] || exit 0

echo "Missing, and to be installed from Debian:"
echo "$list" | while read -r package purpose; do
	printf '  %-20s %s\n' "$package" "$purpose"
done
# shellcheck disable=SC2086 # a list of words
install $packages
