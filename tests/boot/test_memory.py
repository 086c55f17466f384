# SPDX-License-Identifier: BSD-2-Clause
"""Memory: what `meminfo` tells, and boots in which an allocation fails."""

import re

import pytest
from zirvium import SHELL_ONLY


def test_meminfo_counts_free_blocks_and_objects(boot):
    answer = boot(SHELL_ONLY, memory="256M").wait_prompt().run("meminfo")
    free = re.search(r"^free now .* (\d+) bytes$", answer, re.M)
    assert 240 << 20 < int(free[1]) <= 256 << 20
    assert re.search(r"^  below 4 GiB .*x4\.0 MiB", answer, re.M)
    assert re.search(r"^Mappings: \d+", answer, re.M)


@pytest.mark.parametrize("nth", [1, 2, 3, 5, 8, 13])
def test_boot_survives_a_failed_allocation(boot, nth):
    words = f"selftest=memory,pages,slab,vm exit fail_alloc={nth}"
    assert boot(words).finish().passed
