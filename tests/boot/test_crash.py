# SPDX-License-Identifier: BSD-2-Clause
"""Fatal faults: each is told from the others, and the report is complete."""

import pytest
from machine import EXIT_POWEROFF
from zirvium import SHELL_ONLY

CALLER = r"\[<[0-9a-f]{16}>\] shell_execute\+0x[0-9a-f]+/0x[0-9a-f]+\n"


@pytest.mark.parametrize(
    ("kind", "said", "mapping"),
    [
        ("null", "page fault.*\n.*write to 0+: a null pointer", "not present"),
        ("text", "page fault.*\n.*write to .*: a page without", "PTE "),
        ("const", "page fault.*\n.*write to .*: a page without", "PTE "),
        ("exec", "page fault.*\n.*execution of .*: a page without", "PTE +8"),
        ("overflow", "double fault.*\n.*overflowed into its guard page", None),
        ("undefined", "invalid opcode", None),
    ],
    ids=["null", "text", "const", "exec", "overflow", "undefined"],
)
def test_fatal_fault_is_reported_completely(boot, kind, said, mapping):
    guest = boot(f"{SHELL_ONLY} panic=-1").wait_prompt()
    guest.type(f"crash {kind}\r")
    expect = guest.machine.expect
    expect(said, 10)
    if mapping:
        expect(rf"{mapping}.*\n", 10)
    expect(r"RIP [0-9a-f]{16} ", 10)
    expect(r"CR0 [0-9a-f]+ +CR2 [0-9a-f]+ +CR3 [0-9a-f]+", 10)
    expect(CALLER, 10)
    expect("Kernel panic: ", 10)
    # And then it does what panic= says, from whatever state it was in.
    assert guest.machine.wait_exit(10) == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == "guest-reset"


def test_stack_overflow_names_the_thread(boot):
    guest = boot(f"{SHELL_ONLY} panic=-1", smp=2).wait_prompt()
    guest.type("crash thread\r")
    expect = guest.machine.expect
    expect("the stack of thread victim overflowed into its guard page", 10)
    # The trace is of the thread's own stack.
    expect(r"overflow_thread\+0x.*\n.*sched_begin\+0x", 10)
    expect("Kernel panic: double fault", 10)
    assert guest.machine.wait_exit(10) == EXIT_POWEROFF
