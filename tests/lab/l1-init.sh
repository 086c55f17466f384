#!/bin/busybox sh
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
#
# The first process of the machine in which hypervisors run (L1): it makes the
# root file system of the machine under it its own, read-only, and leaves the
# rest to the agent. The kernel's command line sets SHARED, the one directory
# that can be written to, by its path there.

busybox=/bin/busybox
options=trans=virtio,version=9p2000.L,msize=512000

fail() {
	echo "lab: $1"
	$busybox poweroff -f
}

$busybox mount -t proc proc /proc
$busybox mount -t sysfs sysfs /sys
$busybox mount -t devtmpfs devtmpfs /dev
while read -r module parameters; do
	# shellcheck disable=SC2086 # parameters are words
	$busybox insmod "/modules/$module.ko" $parameters ||
		echo "lab: module $module does not load"
done </modules/order
$busybox mount -t 9p -o ro,cache=loose,$options root /root ||
	fail "no root file system"
for name in proc sys dev; do
	$busybox mount --bind /$name /root/$name
done
$busybox mkdir -p /dev/shm
$busybox mount -t tmpfs tmpfs /dev/shm
# Both sides write here, so nothing of it is remembered.
$busybox mount -t 9p -o rw,cache=none,$options shared "/root$SHARED" ||
	fail "no shared directory $SHARED"
agent=$($busybox cat /agent.py)
TMPDIR=/dev/shm $busybox chroot /root /usr/bin/python3 -I -S -c "$agent"
fail "the agent has ended"
