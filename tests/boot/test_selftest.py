# SPDX-License-Identifier: BSD-2-Clause
"""The self-tests' own reporting, seen from outside the guest."""

import pytest
from machine import EXIT_FAILURE, EXIT_SUCCESS, MachineError

# What kernel/selftest/suite_broken.c promises.
BROKEN = {"pass": 2, "fail": 3, "skip": 1}


def test_suite_that_fails_on_purpose_is_reported_as_failed(boot):
    report = boot("selftest=broken exit").finish_failed()
    totals = {key: report.totals[key] for key in BROKEN}
    assert totals == BROKEN
    assert "broken.nested.fails" in report.failed
    assert "suite_broken.c:" in report.summary()


def test_suite_that_fails_on_purpose_is_not_taken_for_success(boot):
    with pytest.raises(MachineError, match=r"status 35(?s:.*)broken\.fails"):
        boot("selftest=broken exit").finish()


def test_suite_that_fails_on_purpose_is_not_part_of_all(boot):
    report = boot("selftest=all exit").finish()
    assert not [n for n, _ in report.leaves() if n.startswith("broken")]


def test_unknown_suite_is_a_failure(boot):
    report = boot("selftest=no-such-suite exit").finish_failed()
    assert report.failed == ["no-such-suite"]


def test_named_suites_run_alone(boot):
    report = boot("selftest=printk,virt exit").finish()
    assert {r.name for r in report.results} == {"printk", "virt"}


def test_no_tests_means_no_report_and_success(boot):
    guest = boot("selftest=none exit")
    assert guest.machine.wait_exit() == EXIT_SUCCESS
    assert "KTAP" not in guest.machine.text


def test_run_without_tests_is_not_taken_for_success(boot):
    with pytest.raises(MachineError, match="no KTAP output"):
        boot("selftest=none exit").finish()


def test_last_value_of_a_repeated_parameter_wins(boot):
    guest = boot("selftest=all selftest=broken exit")
    assert guest.machine.wait_exit() == EXIT_FAILURE


def test_failed_tests_do_not_keep_the_prompt_away(boot):
    guest = boot("selftest=broken").wait_prompt()
    assert guest.report().failed
