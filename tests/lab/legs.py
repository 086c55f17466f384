# SPDX-License-Identifier: BSD-2-Clause
"""Legs of the lab: one hypervisor, entered in one way, and what came of it.

    @pytest.mark.leg(hypervisor="Xen", path="PVH")
	def test_pvh_guest_boots(boot, leg):
	    guest = boot("").wait_prompt()
	    leg.saw(guest.virt())

At its end a run prints all legs that it had, and writes them to the file that
--lab-results names, from which scripts/what-works.py makes README's table.
Several tests may belong to one leg: it works if one passed and none failed.
"""

import json
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

SCHEMA = "zirvium.lab/1"
WORKS, FAILS, SKIPPED = "works", "FAILS", "skipped"
PROPERTY = "leg"  # of a test's report

_leg = pytest.StashKey["Leg"]()


@dataclass
class Leg:
    """What tests saw of one hypervisor, entered in one way."""

    hypervisor: str
    path: str
    note: str = ""
    version: str = ""
    result: str = ""
    reason: str = ""  # why it was skipped, or which tests failed
    cpus: list[int] = field(default_factory=list)  # that guests had
    verified: list[str] = field(default_factory=list)  # "xen: clock"
    passed: int = 0  # tests

    @property
    def key(self) -> tuple[str, str]:
        return self.hypervisor, self.path

    def saw(self, document: dict, cpus: int = 0):
        """Take what is verified from a guest's `virt --json`."""
        for hypervisor in document["hypervisors"]:
            for feature in hypervisor["features"]:
                if feature["verified"]:
                    name = f"{hypervisor['type']}: {feature['name']}"
                    self.verified = sorted({*self.verified, name})
        if cpus:
            self.had(cpus)

    def had(self, cpus: int):
        """A guest with so many processors passed its tests."""
        self.cpus = sorted({*self.cpus, cpus})

    def add(self, other: "Leg"):
        """Add what another test of this leg saw: the worst result counts."""
        order = ("", SKIPPED, WORKS, FAILS)
        worse = order.index(other.result) > order.index(self.result)
        if worse:
            self.result, self.reason = other.result, other.reason
        elif other.result == self.result and other.reason not in self.reason:
            self.reason = f"{self.reason}; {other.reason}"
        self.note = self.note or other.note
        self.version = self.version or other.version
        self.cpus = sorted({*self.cpus, *other.cpus})
        self.verified = sorted({*self.verified, *other.verified})
        self.passed += other.passed


def _of(item) -> Leg | None:
    """The leg that @item belongs to by its marker."""
    if _leg not in item.stash:
        marker = item.get_closest_marker("leg")
        item.stash[_leg] = Leg(**marker.kwargs) if marker else None
    return item.stash[_leg]


@pytest.fixture
def leg(request) -> Leg:
    """The leg that this test is marked with, to say what was seen."""
    found = _of(request.node)
    assert found, "the test has no marker: @pytest.mark.leg(hypervisor, path)"
    return found


def _why_skipped(report) -> str:
    """The words after "Skipped: "; pytest has a place with them."""
    text = report.longrepr
    if isinstance(text, tuple):
        text = text[2]
    return str(text).removeprefix("Skipped: ")


def _outcome(report, leg: Leg, name: str) -> Leg:
    """@leg as this phase of a test leaves it."""
    if report.skipped:
        leg.result, leg.reason = SKIPPED, _why_skipped(report)
    elif report.failed:
        leg.result, leg.reason = FAILS, name
    else:
        leg.result, leg.passed = WORKS, 1
    return leg


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    leg = _of(item)
    # Preparing and tidying up say nothing unless they go wrong.
    if leg and (report.when == "call" or not report.passed):
        seen = asdict(_outcome(report, leg, item.name))
        report.user_properties.append((PROPERTY, seen))


class Table:
    """The legs of one run."""

    def __init__(self, path: Path | None, again: bool):
        """@again: only what failed is run; the rest was a moment ago."""
        self.path = path
        self.again = again
        self.legs: dict[tuple[str, str], Leg] = {}

    def pytest_runtest_logreport(self, report):
        for name, value in report.user_properties:
            if name == PROPERTY:
                self.take(Leg(**value))

    def take(self, leg: Leg):
        if leg.key in self.legs:
            self.legs[leg.key].add(leg)
        else:
            self.legs[leg.key] = leg

    def recall(self):
        """Add what an earlier run saw, whose failures were tried again."""
        if not (self.again and self.path and self.path.exists()):
            return
        for old in json.loads(self.path.read_text())["legs"]:
            leg = Leg(**old)
            if leg.key in self.legs and leg.result == FAILS:
                leg.result, leg.reason = WORKS, ""
            self.take(leg)

    def document(self) -> dict:
        legs = [asdict(self.legs[key]) for key in sorted(self.legs)]
        return {"schema": SCHEMA, "host": platform.machine(), "legs": legs}

    def pytest_terminal_summary(self, terminalreporter):
        if not self.legs:
            return
        self.recall()
        terminalreporter.section("what works where")
        for line in lines(self.legs.values()):
            terminalreporter.write_line(line)
        if self.path:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(self.document(), indent="\t") + "\n"
            self.path.write_text(text)


def _what(leg: Leg) -> str:
    if leg.result != WORKS:
        return leg.reason
    cpus = ", ".join(map(str, leg.cpus))
    words = [f"{leg.passed} tests"]
    words += [f"CPUs: {cpus}"] if cpus else []
    words += [f"{len(leg.verified)} features verified"] if leg.verified else []
    return "; ".join(words)


def lines(legs) -> list[str]:
    """A table for people: hypervisor, boot path, result, and why."""
    rows = [("hypervisor", "boot path", "result", "")]
    for leg in sorted(legs, key=lambda leg: leg.key):
        name = f"{leg.hypervisor} {leg.version}".strip()
        rows.append((name, leg.path, leg.result, _what(leg)))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return [
        "  ".join([*(c.ljust(w) for c, w in zip(row, widths)), row[3]]).rstrip()
        for row in rows
    ]


def pytest_addoption(parser):
    parser.addoption("--lab-results", type=Path, help="write what worked here")


def pytest_configure(config):
    config.addinivalue_line(
        "markers",
        "leg(hypervisor, path, note): which row of the table it belongs to",
    )
    # Processes that only carry out tests report to the one that has the table.
    if not hasattr(config, "workerinput"):
        again = bool(config.getoption("lf", False))
        table = Table(config.getoption("--lab-results"), again)
        config.pluginmanager.register(table, "legs-table")
