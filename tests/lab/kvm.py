# SPDX-License-Identifier: BSD-2-Clause
"""KVM, complete: AMD's SVM with nested paging, as QEMU emulates it."""

from nested import Flavour

# L1's disk: it reads as zeroes, and each read takes this many ns.
SLOW_DISK = "/dev/vda"
SLOW_BLOCKS = "null-co,node-name=slow,latency-ns=5000000"

KVM = Flavour(
    name="kvm",
    cpu="EPYC-v3,+svm,+npt,check=off",
    modules=("kvm-amd", "vhost_net", "vhost_vsock", "tun", "virtio_blk"),
    parameters={"kvm": "enable_vmware_backdoor=1"},
    devices=(
        *("-blockdev", f"{SLOW_BLOCKS},read-zeroes=on,size=268435456"),
        *("-device", "virtio-blk-pci,drive=slow"),
    ),
)

# What a guest in it gets unless a test says otherwise. It is slow, and slower
# where others work too.
GUEST = {"accel": "kvm", "cpu": "host", "timeout": 120.0}

# As many as Linux 6.1 has; QEMU refuses what its KVM lacks.
EVERY_ENLIGHTENMENT = (
    "host,hv-relaxed,hv-vapic,hv-time,hv-vpindex,hv-runtime,hv-synic,hv-stimer,"
    "hv-stimer-direct,hv-frequencies,hv-reenlightenment,hv-tlbflush,hv-ipi,"
    "hv-crash,hv-reset,hv-avic,hv-xmm-input,hv-spinlocks=0x1fff"
)
