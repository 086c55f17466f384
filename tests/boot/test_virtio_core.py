# SPDX-License-Identifier: BSD-2-Clause
"""The virtio core: its suite on any machine, rings on QEMU's, `lsvirtio`."""

import pytest

RNG = "virtio-rng-pci"


def test_core_works_over_memory_without_any_device(boot):
    report = boot("selftest=virtqueue exit").finish()
    assert report.passed


@pytest.mark.parametrize("ring", [
    "packed=off", "packed=on", "packed=on,event_idx=off",
    "event_idx=off,indirect_desc=off",
    "packed=on,iommu_platform=on,disable-legacy=on"])
def test_rings_of_every_kind_move_bytes(boot, ring):
    report = boot("selftest=virtio-transport exit", smp=2,
                  extra=("-device", f"{RNG},{ring}")).finish()
    assert report.passed


def test_lsvirtio_names_features_and_what_became_of_them(boot):
    guest = boot("selftest=none",
                 extra=("-device", f"{RNG},packed=on")).wait_prompt()
    shown = guest.run("lsvirtio virtio0")
    assert "entropy device (type 4)" in shown
    for name in ("VERSION_1", "RING_PACKED", "EVENT_IDX", "INDIRECT_DESC"):
        assert f"+{name}" in shown or f"-{name}" in shown
    assert "no virtio device virtio7" in guest.run("lsvirtio virtio7")
