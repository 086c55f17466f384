# SPDX-License-Identifier: BSD-2-Clause
"""A machine that is copied while it runs notices, and has other numbers."""

import re
import time

import pytest
from zirvium import SHELL_ONLY

FIRST = "11223344-5566-7788-99aa-bbccddeeff00"
SECOND = "8a8a8a8a-0102-0304-0506-0708090a0b0c"
THIRD = "8a8a8a8a-0102-0304-0506-0708090a0b0d"
COPIED = "this machine is a copy or was set back: new key"
STOP_SECONDS = 20


def device(guid):
    return ("-device", f"vmgenid,guid={guid}")


def generation(guest):
    return re.search(r"generation (\S+) at", guest.run("selftest vmgenid"))[1]


def wait_ready(guest):
    limit = time.monotonic() + STOP_SECONDS
    while "ready: key" not in guest.run("random"):
        assert time.monotonic() < limit, "no key"


def freeze(guest, path):
    """Stop @guest and write its state to @path."""
    qmp = guest.machine.qmp
    qmp.command("stop")
    qmp.command("migrate", uri=f"exec:cat > {path}")
    limit = time.monotonic() + STOP_SECONDS
    while qmp.command("query-migrate").get("status") != "completed":
        assert time.monotonic() < limit, "the state was not written"
        time.sleep(0.05)


def thaw(boot, path, guid, **config):
    """Another machine that goes on from that state."""
    incoming = (*device(guid), "-incoming", f"exec:cat {path}")
    guest = boot(SHELL_ONLY, extra=incoming, **config)
    qmp = guest.machine.qmp
    limit = time.monotonic() + STOP_SECONDS
    while qmp.command("query-status")["status"] == "inmigrate":
        assert time.monotonic() < limit, "the state was not read"
        time.sleep(0.05)
    qmp.command("cont")
    return guest


@pytest.mark.parametrize("machine", ["q35", "pc"])
def test_copies_of_a_machine_have_numbers_of_their_own(
        boot, tmp_path, machine):
    state = tmp_path / "state"
    guest = boot(SHELL_ONLY, machine=machine, cpu="max", extra=device(FIRST))
    guest.wait_prompt()
    wait_ready(guest)
    assert generation(guest) == FIRST
    freeze(guest, state)
    numbers = set()
    for guid in (SECOND, THIRD):
        copy = thaw(boot, state, guid, machine=machine, cpu="max")
        numbers.add(re.search("[0-9a-f]{64}", copy.run("random 32"))[0])
        assert copy.run("dmesg").count(COPIED) == 1
        assert generation(copy) == guid
        assert "renewed 1 times" in copy.run("random")
        assert "vmgenidyesyesyes" in copy.run("virt").replace(" ", "")
    assert len(numbers) == 2


def test_a_machine_that_goes_on_as_itself_is_no_copy(boot, tmp_path):
    state = tmp_path / "state"
    guest = boot(SHELL_ONLY, cpu="max", extra=device(FIRST)).wait_prompt()
    wait_ready(guest)
    freeze(guest, state)
    copy = thaw(boot, state, FIRST, cpu="max")
    copy.run("random 32")
    assert "renewed" not in copy.run("random")
    assert COPIED not in copy.run("dmesg")
