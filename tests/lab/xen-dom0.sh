#!/bin/busybox sh
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
#
# The first process of Xen's dom0, and then, in the root file system of unpacked
# packages, what starts Xen's tools and leaves the rest to the agent. Root is
# read-only below and memory above, so that the disk can be shared.

busybox=/bin/busybox

fail() {
	echo "lab: $1"
	$busybox poweroff -f
}

mount_root() {
	$busybox mount -t proc proc /proc
	$busybox mount -t sysfs sysfs /sys
	$busybox mount -t devtmpfs devtmpfs /dev
	while read -r module parameters; do
		# shellcheck disable=SC2086 # parameters are words
		$busybox insmod "/modules/$module.ko" $parameters ||
			echo "lab: module $module does not load"
	done </modules/order
	$busybox mkdir -p /lower /memory
	$busybox mount -t ext4 -o ro /dev/vda /lower ||
		fail "no root file system"
	$busybox mount -t tmpfs tmpfs /memory
	$busybox mkdir -p /memory/upper /memory/work
	$busybox mount -t overlay -o \
		lowerdir=/lower,upperdir=/memory/upper,workdir=/memory/work \
		overlay /root || fail "no root file system over memory"
	for name in proc sys dev; do
		$busybox mkdir -p /root/$name
		$busybox mount --bind /$name /root/$name
	done
	$busybox mkdir -p /dev/pts /dev/shm /root/lab /root/tmp
	$busybox mount -t devpts devpts /root/dev/pts
	$busybox mount -t tmpfs tmpfs /root/dev/shm
	$busybox mount -t xenfs xenfs /root/proc/xen
	$busybox cp /init /agent.py /files/* /root/lab/
	$busybox ln -s /proc/self/fd /dev/fd
}

start_tools() {
	mkdir -p /run/xen /run/xenstored /run/lock /var/lib/xen \
		/var/lib/xenstored /var/log/xen/console
	ln -s /run /var/run
	ln -s /run/lock /var/lock
	xenstored --pid-file /run/xen/xenstored.pid || fail "no xenstored"
	xen-init-dom0 >/dev/null || fail "dom0 is not in the store"
	xenconsoled --pid-file=/run/xen/xenconsoled.pid \
		--log=guest --log-dir=/var/log/xen/console
}

# What a guest's start reads from the disk is in memory afterwards.
warm_up() {
	for type in pvh hvm; do
		xl create -q "/lab/warm-$type.cfg" || fail "no $type guest"
		# It ends at once, if it has a kernel.
		[ $type = hvm ] || xl list >/dev/null
		xl destroy warm 2>/dev/null
	done
	cat /usr/lib/xen-4.*/boot/hvmloader /usr/share/seabios/bios-256k.bin \
		>/dev/null
}

if [ "$1" != tools ]; then
	mount_root
	exec $busybox chroot /root $busybox sh /lab/init tools
fi

$busybox --install -s /bin
directory=$(echo /usr/lib/xen-4.*/bin)
export PATH="$directory:/usr/sbin:/usr/bin:/sbin:/bin" LANG=C HOME=/
start_tools
warm_up
sync
/usr/bin/python3 -I -S /lab/agent.py
fail "the agent has ended"
