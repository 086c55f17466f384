# SPDX-License-Identifier: BSD-2-Clause
"""Guests of a real, complete KVM."""

import pytest
from zirvium import SHELL_ONLY, TESTS_ONLY


@pytest.mark.smoke
def test_every_self_test_passes_in_kvm(boot):
    report = boot(TESTS_ONLY).finish()
    assert report.passed
