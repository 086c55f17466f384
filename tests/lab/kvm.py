# SPDX-License-Identifier: BSD-2-Clause
"""KVM, complete: AMD's SVM with nested paging, as QEMU emulates it."""

from nested import Flavour

KVM = Flavour(
    name="kvm",
    cpu="EPYC-v3,+svm,+npt,check=off",
    modules=("kvm-amd", "vhost_net", "vhost_vsock", "tun"),
    parameters={"kvm": "enable_vmware_backdoor=1"},
)

# What a guest in it gets unless a test says otherwise.
GUEST = {"accel": "kvm", "cpu": "host"}
