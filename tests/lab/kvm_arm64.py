# SPDX-License-Identifier: BSD-2-Clause
"""KVM on arm64, with the virtualization extensions as QEMU emulates them."""

from nested import ARM64, Flavour

# Pages of vectors (SVE) would only make it slower.
KVM_ARM64 = Flavour(
    name="kvm_arm64",
    cpu="max,sve=off",
    modules=(),
    parameters={},
    memory="2G",
    arch=ARM64,
)

# What a guest in it gets unless a test says otherwise. There is no semihosting
# in KVM: a guest leaves by turning itself off.
GUEST_ARM64 = {
    "arch": "arm64",
    "machine": "virt,gic-version=3",
    "accel": "kvm",
    "cpu": "host",
    "vga": "none",
    "debug_exit": False,
    "timeout": 290.0,
}
