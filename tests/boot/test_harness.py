# SPDX-License-Identifier: BSD-2-Clause
"""The harness and the KTAP parser, tested before they are believed.

Machines here run a stand-in guest that says what the test wants; the tests
with the real kernel and a suite that fails on purpose are in test_selftest.py.
"""

import subprocess
import time

import ktap
import pytest
from machine import EXIT_FAILURE, EXIT_SUCCESS, Config, MachineError
from paths import HERE
from terminal import PlainStream, Screen, plain
from zirvium import Guest

WHOLE = """\
[    0.001000] Zirvium
KTAP version 1
1..3
  KTAP version 1
  # Subtest: sum
  1..2
  ok 1 adds
[    0.002000] a log line between results
  ok 2 carries # SKIP no carry here
ok 1 sum
ok 2 alone
ok 3 last
# Totals: pass:3 fail:0 skip:1
"""


def defects_of(text: str) -> str:
    report = ktap.parse(text)
    assert not report.ok
    return "\n".join(report.defects)


def whole_without(line: str) -> str:
    assert line in WHOLE
    return WHOLE.replace(line, "", 1)


@pytest.fixture(scope="session")
def standin(tmp_path_factory):
    """standin(text, ending): a bootable file that prints, then ends so."""
    counter = iter(range(1000))

    def build(text: str, ending: str):
        folder = tmp_path_factory.mktemp(f"standin{next(counter)}")
        (folder / "text").write_text(text)
        command = ["gcc", "-m32", "-nostdlib", "-static", "-no-pie"]
        command += ["-Wl,-Ttext=0x100000,--build-id=none"]
        command += [f'-DTEXT_FILE="{folder / "text"}"', f"-DENDING={ending}"]
        command += [str(HERE / "standin.S"), "-o", str(folder / "standin")]
        subprocess.run(command, check=True, timeout=30)
        return folder / "standin"

    return build


PASS, FAIL = "0x10", "0x11"  # what isa-debug-exit turns into 33 and 35


# The parser.


def test_whole_document_is_understood():
    report = ktap.parse(WHOLE).check()
    assert report.passed == ["sum.adds", "alone", "last"]
    assert report.skipped == {"sum.carries": "no carry here"}
    assert report.totals == {"pass": 3, "fail": 0, "skip": 1}


def test_carriage_returns_do_not_matter():
    assert ktap.parse(WHOLE.replace("\n", "\r\n")).ok


def test_level_at_wrong_depth_is_a_defect():
    text = WHOLE.replace("ok 2 alone", "    KTAP version 1\nok 2 alone")
    assert "wrong depth, 2" in defects_of(text)


@pytest.mark.parametrize(
    ("line", "defect"),
    [
        ("1..3\n", "no plan at depth 0"),
        ("  1..2\n", "no plan at depth 1"),
        ("ok 2 alone\n", "result 3, expected 2"),
        ("ok 3 last\n", "truncated"),
        ("ok 1 sum\n", "result 2, expected 1"),
        ("# Totals: pass:3 fail:0 skip:1\n", "no totals"),
        ("  ok 1 adds\n", "2 planned, 1 reported"),
    ],
)
def test_missing_line_is_a_defect(line, defect):
    assert defect in defects_of(whole_without(line))


@pytest.mark.parametrize(
    ("old", "new", "defect"),
    [
        ("ok 2 alone", "ok 1 alone", "result 1, expected 2"),
        ("ok 2 alone", "ok 2 sum", "reported twice"),
        ("ok 2 alone", "ok 2", "has no name"),
        ("ok 2 alone", "ok two alone", "damaged"),
        ("ok 2 alone", "ok 2 alone # SKIP", "without a reason"),
        ("1..3", "1..4", "truncated"),
        ("1..3", "1..2", "2 planned, 3 reported"),
        ("1..3", "1..3\n1..3", "a second plan"),
        ("  ok 1 adds", "  not ok 1 adds", "'sum' contradicts its cases"),
        ("ok 1 sum", "not ok 1 sum", "'sum' contradicts its cases"),
        ("pass:3", "pass:4", "totals"),
        ("KTAP version 1", "KTAP version 2", "not understood"),
        ("ok 2 alone", "KTAP version 1\n1..3\nok 2 alone", "restart"),
    ],
)
def test_wrong_line_is_a_defect(old, new, defect):
    assert defect in defects_of(WHOLE.replace(old, new, 1))


def test_failed_case_is_named_with_its_diagnostics():
    report = ktap.parse(
        "KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n"
        "  # sum.c:7: 2 is 0x3\n  not ok 1 adds\nnot ok 1 sum\n"
        "# Totals: pass:0 fail:1 skip:0\n"
    )
    assert report.defects == []
    assert report.failed == ["sum.adds"]
    with pytest.raises(ktap.KtapError, match=r"(?s)sum\.adds.*sum\.c:7"):
        report.check()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok 1 looks-fine\n",
        "KTAP version 1\n1..0\n# Totals: pass:0 fail:0 skip:0\n",
        "KTAP version 1\n1..1\n  KTAP version 1\n  1..0\nok 1 empty\n"
        "# Totals: pass:1 fail:0 skip:0\n",
    ],
)
def test_zero_tests_is_a_failure(text):
    assert not ktap.parse(text).ok


def test_every_truncation_is_noticed():
    for cut in range(WHOLE.rindex("skip:1")):
        assert not ktap.parse(WHOLE[:cut]).ok, WHOLE[:cut]


# The terminal.


def test_escape_sequences_of_a_boot_menu_do_not_hide_text():
    menu = "\x1b[2J\x1b[01;01H\x1b[=3h\x1b[0m\x1b[37m\x1b[40mGNU GRUB"
    menu += "\x1b[05;10Hshell"
    assert plain(menu + "\r\nKTAP version 1\r\n").split("\n") == [
        *("", "GNU GRUB", "shell", "KTAP version 1", "")
    ]


def test_sequences_cut_by_a_read_are_put_together():
    data = b"one\x1b[31mred\x1b[0m\r\r\ntwo\x1b[5;1Hthree"
    stream = PlainStream()
    pieces = "".join(stream.feed(data[i : i + 1]) for i in range(len(data)))
    assert pieces == plain(data.decode()) == "onered\ntwo\nthree"


def test_screen_shows_what_a_line_editor_drew():
    screen = Screen().feed(b"> hlep\x1b[3D\x1b[Kelp\r\n> x\b \b")
    assert screen.lines() == ["> help", ">"]


# The machine, with a stand-in for a guest.


def test_exit_status_of_the_guest_is_reported(start, standin):
    for ending, status in ((PASS, EXIT_SUCCESS), (FAIL, EXIT_FAILURE)):
        machine = start(Config(kernel=standin("hello\n", ending)))
        machine.expect(r"^hello\n")
        assert machine.wait_exit() == status


def test_good_run_passes(start, standin):
    guest = Guest(start(Config(kernel=standin(WHOLE, PASS))))
    assert len(guest.finish().passed) == 3


@pytest.mark.parametrize(
    ("text", "ending", "why"),
    [
        (WHOLE, FAIL, "status 35"),
        (WHOLE.split("ok 2 alone", maxsplit=1)[0], FAIL, "truncated"),
        (WHOLE.split("ok 2 alone", maxsplit=1)[0], PASS, "truncated"),
        ("KTAP version 1\n1..1\nnot ok 1 x\n", PASS, "not ok: x"),
        ("KTAP version 1\n1..0\n# Totals: pass:0\n", PASS, "0 tests"),
        ("nothing to see\n", PASS, "no KTAP output"),
    ],
    ids=[
        "failure-status",
        "crash-mid-run",
        "stop-mid-run",
        "failed-case",
        "zero-tests",
        "no-tests",
    ],
)
def test_bad_run_fails(start, standin, text, ending, why):
    guest = Guest(start(Config(kernel=standin(text, ending))))
    with pytest.raises(MachineError, match=why):
        guest.finish()


def test_hung_guest_is_killed_in_time(start, standin):
    hung = standin("last words\n", "ENDING_HANG")
    machine = start(Config(kernel=hung, timeout=4.0))
    began = time.monotonic()
    with pytest.raises(MachineError, match=r"(?s)limit of 4 s.*last words"):
        machine.wait_exit()
    assert time.monotonic() - began < 8.0
    assert not machine.running


def test_guest_is_killed_even_if_nobody_waits_for_it(start, standin):
    hung = standin("", "ENDING_HANG")
    machine = start(Config(kernel=hung, timeout=1.0))
    time.sleep(2.0)
    assert not machine.running


def test_missing_text_fails_with_the_log_and_its_place(start, standin):
    text = "".join(f"line {n}\n" for n in range(100))
    machine = start(Config(kernel=standin(text, "ENDING_HANG")))
    machine.expect(r"^line 99\n")
    with pytest.raises(MachineError) as caught:
        machine.expect("never said", timeout=0.2)
    message = str(caught.value)
    assert "never said" in message and str(machine.log) in message
    assert "line 60\n" in message and "line 50\n" not in message
    machine.close()
    assert b"line 0\n" in machine.log.read_bytes()


def test_end_of_the_machine_ends_a_wait_at_once(start, standin):
    machine = start(Config(kernel=standin("bye\n", FAIL)))
    with pytest.raises(MachineError, match="the machine ended"):
        machine.expect("never said")
    assert machine.seconds < 20.0


def test_typed_text_arrives(start, standin):
    machine = start(Config(kernel=standin("ready\n", "ENDING_ECHO")))
    machine.expect(r"^ready\n")
    machine.send("twenty bytes and more, past the FIFO\n")
    machine.expect(r"^twenty bytes and more, past the FIFO\n", timeout=10)


def test_wrong_qemu_option_is_an_error_that_says_so(start, standin):
    kernel = standin("", PASS)
    machine = start(Config(kernel=kernel, extra=("-no-such-option",)))
    with pytest.raises(MachineError, match="no-such-option"):
        machine.expect("anything")
