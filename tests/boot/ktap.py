# SPDX-License-Identifier: BSD-2-Clause
"""Read KTAP version 1 out of a console log, and believe none of it.

A result counts only when the document around it is whole: every plan is kept,
every number is in order, every parent agrees with its children, and the
totals at the end are what was really printed. Everything else is a defect,
and a report with a defect is not ok. Lines that are not KTAP (the kernel's
log, GRUB's menu) are passed over.
"""

import re
from dataclasses import dataclass, field

INDENT = 2  # spaces per nesting level

_VERSION = re.compile(r"KTAP version (\S+)")
_PLAN = re.compile(r"1\.\.(\d+)(?:\s+# SKIP\b\s*(.*))?")
_RESULT = re.compile(r"(not ok|ok) (\d+)(?: - | |$)(.*)")
_DIRECTIVE = re.compile(r"(?:^|\s)# (SKIP|TODO|XFAIL|TIMEOUT|ERROR)\b\s*(.*)$")
_TOTALS = re.compile(r"# Totals: (\w+:\d+(?: \w+:\d+)*)")
_DAMAGED = re.compile(r"(?:not )?ok\b|1\.\.|KTAP\b")


class KtapError(AssertionError):
    """A report that is not ok, with everything that is wrong with it."""


@dataclass
class Result:
    """One result line, with the results nested under it."""

    number: int
    name: str
    passed: bool
    directive: str = ""
    reason: str = ""
    children: list["Result"] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def skipped(self) -> bool:
        return self.directive == "SKIP"

    def leaves(self, prefix=""):
        """Yield (dotted name, result) of each case that has no children."""
        name = f"{prefix}.{self.name}" if prefix else self.name
        if not self.children:
            yield name, self
        for child in self.children:
            yield from child.leaves(name)


@dataclass
class Report:
    """What one KTAP document says, and what is wrong with how it says it."""

    results: list[Result] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    totals: dict[str, int] | None = None

    def leaves(self):
        for result in self.results:
            yield from result.leaves()

    def _names(self, wanted) -> list[str]:
        return [name for name, result in self.leaves() if wanted(result)]

    @property
    def passed(self) -> list[str]:
        return self._names(lambda r: r.passed and not r.skipped)

    @property
    def failed(self) -> list[str]:
        return self._names(lambda r: not r.passed)

    @property
    def skipped(self) -> dict[str, str]:
        """Dotted name to the reason that was given."""
        return {n: r.reason for n, r in self.leaves() if r.passed and r.skipped}

    @property
    def ok(self) -> bool:
        return not self.defects and not self.failed

    def summary(self) -> str:
        lines = [f"KTAP defect: {defect}" for defect in self.defects]
        for name, result in self.leaves():
            if not result.passed:
                lines.append(f"not ok: {name}")
                lines += [f"    {note}" for note in result.notes]
        return "\n".join(lines)

    def check(self) -> "Report":
        """Return self if all is well, else raise KtapError."""
        if not self.ok:
            raise KtapError(self.summary())
        return self


class _Group:
    """The results of one level while they are being read."""

    def __init__(self, depth: int):
        self.depth = depth
        self.plan: int | None = None
        self.results: list[Result] = []
        self.notes: list[str] = []

    @property
    def complete(self) -> bool:
        return self.plan is not None and len(self.results) >= self.plan


class _Parser:
    def __init__(self):
        self.report = Report()
        self.open: list[_Group] = []  # from the outermost level inwards
        self.closed: list[Result] | None = None  # children of the next result

    def defect(self, number: int, text: str):
        self.report.defects.append(f"line {number}: {text}")

    def line(self, number: int, raw: str):
        text = raw.lstrip(" ")
        depth, odd = divmod(len(raw) - len(text), INDENT)
        text = text.rstrip()
        if version := _VERSION.fullmatch(text):
            self.begin(number, depth, odd, version[1])
        elif not self.open or odd:
            return
        elif plan := _PLAN.fullmatch(text):
            self.plan(number, depth, int(plan[1]))
        elif result := _RESULT.fullmatch(text):
            self.result(number, depth, result)
        elif depth == 0 and (totals := _TOTALS.match(text)):
            self.totals(number, totals[1])
        elif text.startswith("#"):
            self.note(depth, text)
        elif _DAMAGED.match(text):
            self.defect(number, f"damaged KTAP line: {text!r}")

    def begin(self, number: int, depth: int, odd: int, version: str):
        if not self.open and (depth or odd):
            return  # quoted in somebody's log line; no document is open
        if version != "1":
            self.defect(number, f"KTAP version {version} is not understood")
        if odd or depth > len(self.open):
            self.defect(number, f"a level begins at a wrong depth, {depth}")
            return
        if depth == 0 and self.open:
            self.defect(number, "a second document begins; did it restart?")
            return
        if depth < len(self.open):
            self.defect(number, "a level begins before the last one's result")
            self.close_to(number, depth)
        self.open.append(_Group(depth))

    def group(self, number: int, depth: int, what: str) -> _Group | None:
        if depth >= len(self.open):
            self.defect(number, f"{what} outside of any level")
            return None
        return self.open[depth]

    def plan(self, number: int, depth: int, count: int):
        group = self.group(number, depth, "a plan")
        if group is None:
            return
        if group.plan is not None:
            self.defect(number, f"a second plan, 1..{count}")
        elif group.results:
            self.defect(number, "the plan comes after results")
        group.plan = count

    def close_to(self, number: int, depth: int):
        """Close every level that is nested deeper than @depth levels."""
        while len(self.open) > depth:
            group = self.open.pop()
            if group.plan is None:
                self.defect(number, f"no plan at depth {group.depth}")
            elif group.plan != len(group.results):
                self.defect(
                    number,
                    f"depth {group.depth}: {group.plan} planned, "
                    f"{len(group.results)} reported",
                )
            self.closed = group.results

    def result(self, number: int, depth: int, match: re.Match):
        group = self.group(number, depth, "a result")
        if group is None:
            return
        self.closed = None
        self.close_to(number, depth + 1)
        name = match[3].strip()
        directive = _DIRECTIVE.search(name)
        result = Result(
            number=int(match[2]),
            name=name[: directive.start()].strip() if directive else name,
            passed=match[1] == "ok",
            directive=directive[1] if directive else "",
            reason=directive[2].strip() if directive else "",
            children=self.closed or [],
            notes=group.notes,
        )
        self.check_result(number, group, result, self.closed is not None)
        group.results.append(result)
        group.notes = []

    def check_result(self, number, group, result, nested: bool):
        expected = len(group.results) + 1
        if group.plan is None and expected == 1:
            self.defect(number, "a result before its plan")
        if result.number != expected:
            self.defect(number, f"result {result.number}, expected {expected}")
        if not result.name:
            self.defect(number, f"result {result.number} has no name")
        if result.name in (r.name for r in group.results):
            self.defect(number, f"{result.name!r} is reported twice")
        if result.skipped and not result.reason:
            self.defect(number, f"{result.name!r} skips without a reason")
        if nested and not result.children and not result.skipped:
            self.defect(number, f"{result.name!r} ran 0 tests")
        if result.children:
            good = all(child.passed for child in result.children)
            if good != result.passed:
                self.defect(number, f"{result.name!r} contradicts its cases")

    def note(self, depth: int, text: str):
        if depth < len(self.open):
            self.open[depth].notes.append(text)

    def totals(self, number: int, text: str):
        pairs = (pair.split(":") for pair in text.split())
        if self.report.totals is not None:
            self.defect(number, "a second totals line")
        self.report.totals = {key: int(value) for key, value in pairs}

    def finish(self, number: int, need_totals: bool) -> Report:
        report = self.report
        if not self.open:
            self.defect(number, "no KTAP output at all")
            return report
        if len(self.open) > 1 or not self.open[0].complete:
            self.defect(number, "the output is truncated")
        report.results = self.open[0].results
        self.close_to(number, 0)
        counts = {
            "pass": len(report.passed),
            "fail": len(report.failed),
            "skip": len(report.skipped),
        }
        if not sum(counts.values()):
            self.defect(number, "0 tests")
        if report.totals is None:
            if need_totals:
                self.defect(number, "no totals line")
        elif any(report.totals.get(k, 0) != n for k, n in counts.items()):
            self.defect(number, f"totals {report.totals}, counted {counts}")
        return report


def parse(text: str, need_totals: bool = True) -> Report:
    """Read the one KTAP document in @text; never raises."""
    parser = _Parser()
    lines = text.split("\n")
    for number, raw in enumerate(lines, 1):
        parser.line(number, raw.rstrip("\r"))
    return parser.finish(len(lines), need_totals)
