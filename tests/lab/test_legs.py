# SPDX-License-Identifier: BSD-2-Clause
"""The table of what works where, before it is believed."""

import json
import subprocess
import sys

import pytest
from paths import ROOT

pytest_plugins = ("pytester",)

TOOL = ROOT / "scripts" / "what-works.py"

SEEN = {
    "hypervisors": [
        {
            "type": "xen",
            "features": [
                {"name": "clock", "verified": True},
                {"name": "steal", "verified": False},
                {"name": "timer", "verified": None},
            ],
        }
    ]
}

TESTS = f"""
import pytest
xen = pytest.mark.leg(hypervisor="Xen", path="PVH")

@xen
def test_one(leg):
    leg.saw({SEEN}, cpus=2)

@xen
def test_two(leg):
    leg.version = "4.17"
    leg.had(1)

@pytest.mark.leg(hypervisor="Xen", path="PV")
def test_three():
    pytest.skip("no PV here")

@pytest.mark.leg(hypervisor="Xen", path="HVM")
def test_four():
    assert False

@pytest.fixture
def broken():
    assert False

@pytest.mark.leg(hypervisor="Xen", path="dom0")
def test_five(broken):
    pass

def test_six():
    pass
"""


@pytest.fixture
def results(pytester):
    """What a run of TESTS printed, and its legs by boot path."""
    pytester.makepyfile(TESTS)
    where = pytester.path / "results.json"
    ran = pytester.runpytest("-p", "legs", f"--lab-results={where}")
    legs = json.loads(where.read_text())["legs"]
    return ran.stdout.str(), {leg["path"]: leg for leg in legs}


def test_tests_of_one_leg_are_one_row(results):
    leg = results[1]["PVH"]
    assert (leg["result"], leg["passed"]) == ("works", 2)
    assert (leg["cpus"], leg["version"]) == ([1, 2], "4.17")


def test_only_what_was_verified_is_in_the_table(results):
    assert results[1]["PVH"]["verified"] == ["xen: clock"]


def test_skipped_leg_has_its_reason(results):
    leg = results[1]["PV"]
    assert (leg["result"], leg["reason"]) == ("skipped", "no PV here")


@pytest.mark.parametrize(
    ("path", "name"), [("HVM", "test_four"), ("dom0", "test_five")]
)
def test_failure_is_in_the_table_by_its_name(results, path, name):
    leg = results[1][path]
    assert (leg["result"], leg["reason"]) == ("FAILS", name)


def test_table_is_printed(results):
    assert "Xen 4.17    PVH        works    2 tests; CPUs: 1, 2" in results[0]
    assert "Xen         PV         skipped  no PV here" in results[0]


def test_failure_that_passes_when_tried_again_is_none(pytester):
    test = """
        import pathlib, pytest
        @pytest.mark.leg(hypervisor="Xen", path="PVH")
        @pytest.mark.parametrize("n", [1, 2])
        def test_it(n, leg):
            leg.had(n)
            assert n == 1 or pathlib.Path("seen").exists()
    """
    pytester.makepyfile(test)
    where = pytester.path / "results.json"
    words = ("-p", "legs", f"--lab-results={where}")
    results = []
    for more in ([], ["--last-failed"]):
        pytester.runpytest(*words, *more)
        (pytester.path / "seen").touch()
        (leg,) = json.loads(where.read_text())["legs"]
        results.append((leg["result"], leg["cpus"], leg["passed"]))
    assert results == [("FAILS", [1, 2], 1), ("works", [1, 2], 2)]


# README's table.


def leg(path: str, result: str, **values) -> dict:
    empty = {"version": "", "note": "", "cpus": [1], "verified": []}
    base = {"hypervisor": "Xen", "path": path, "result": result}
    return {**base, **empty, **values}


@pytest.fixture
def project(tmp_path):
    """A project with results of two legs and their table."""

    def run(*words: str):
        command = [sys.executable, TOOL, "--root", tmp_path, *words]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=20
        )

    def write(name: str, *legs):
        document = {"schema": "zirvium.lab/1", "legs": legs}
        (tmp_path / name).write_text(json.dumps(document))
        return str(tmp_path / name)

    text = (ROOT / "README.md").read_text()
    (tmp_path / "README.md").write_text(text)
    (tmp_path / "docs").mkdir()
    write("docs/lab-results.json", leg("PVH", "works"), leg("PV", "works"))
    assert run().returncode == 0
    run.root, run.write = tmp_path, write
    return run


def test_readme_that_is_in_step_passes_the_check(project):
    assert project("--check").returncode == 0


def test_readme_that_is_out_of_step_is_found(project):
    project.write("docs/lab-results.json", leg("PVH", "works"))
    done = project("--check")
    assert done.returncode and "what-works.py" in done.stderr


def test_update_keeps_what_a_run_could_not_see(project):
    seen = [leg("PVH", "FAILS"), leg("PV", "skipped"), leg("HVM", "works")]
    seen[2]["verified"] = ["xen: clock", "hyperv: time", "xen: timer"]
    assert not project("--update", project.write("run", *seen)).returncode
    text = (project.root / "README.md").read_text()
    assert "| Xen | PVH |" not in text
    assert "| Xen | PV | 1 |  |\n" in text
    assert "| Xen | HVM | 1 | xen: clock, timer; hyperv: time |\n" in text
