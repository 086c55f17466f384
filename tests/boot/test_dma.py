# SPDX-License-Identifier: BSD-2-Clause
"""Bounce buffers: what `swiotlb=` does, and what devices are shown then."""

import re

import pytest
from zirvium import SHELL_ONLY

EDU = ("-device", "edu")
MAPPED = r"software IO TLB: mapped \[mem 0x(\w{16})-0x(\w{16})\] \((\d+)MB\)"
THROUGH_POOL = "copies-before-it-interrupts: through a pool"


def pools(text: str) -> list[tuple[int, int, int]]:
    """Start, end and megabytes of each pool that is said to be usable."""
    return [
        (int(start, 16), int(end, 16), int(size))
        for start, end, size in re.findall(MAPPED, text)
    ]


def test_forced_devices_see_only_the_pool(boot):
    guest = boot(
        "swiotlb=force selftest=edu,dma exit", memory="256M", smp=2, extra=EDU
    )
    report = guest.finish()
    assert report.passed
    assert "copies-before-it-interrupts" not in " ".join(report.skipped)
    assert THROUGH_POOL in guest.machine.text
    # A quarter of this machine's memory is less than 64 MiB.
    ((start, end, size),) = pools(guest.machine.text)
    assert (end - start, size) == (32 << 20, 32)
    assert "64MB do not fit" in guest.machine.text


def test_forced_pool_is_below_4_gib_and_has_the_size_asked_for(boot):
    guest = boot(
        f"swiotlb=16384,force {SHELL_ONLY}", memory="5G", extra=EDU
    ).wait_prompt()
    ((start, end, size),) = pools(guest.machine.text)
    assert (end - start, size) == (32 << 20, 32)
    assert end <= 1 << 32
    assert "default: [mem" in guest.run("swiotlb")


@pytest.mark.parametrize(
    "words", ["", "swiotlb=65536", "swiotlb=force swiotlb=noforce",
              "swiotlb=access-platform"]
)
def test_without_need_there_is_no_pool(boot, words):
    guest = boot(f"{words} {SHELL_ONLY}", extra=EDU).wait_prompt()
    assert "software IO TLB" not in guest.machine.text
    assert "No pools" in guest.run("swiotlb")


def test_wrong_values_are_named(boot):
    words = "swiotlb=12,bounce swiotlb=0 swiotlb swiotlb=1000000000"
    guest = boot(f"{words} {SHELL_ONLY}").wait_prompt()
    said = re.findall(r"param: (swiotlb.*)", guest.machine.text)
    assert len(said) == 4
    assert "12,bounce" in said[0]
