# SPDX-License-Identifier: BSD-2-Clause
"""A machine that is copied while it runs notices, and has other numbers."""

import re
import time
import uuid

import pytest
from interrupt_line import InterruptLine
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
        # It is notified: nobody draws.
        copy.machine.expect(COPIED, STOP_SECONDS)
        assert re.search(r" [1-9]\d* .* acpi-event", copy.run("interrupts"))
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


PLACE = 0x47F00000
RAM_START = 0x40000000
LINE = 60  # a shared interrupt that nothing else has


def test_device_tree_tells_of_it_and_its_interrupt(
        boot_arm64, arm64_dtb, host_memory, tmp_path):
    """Nothing in QEMU is this device on arm64: the test plays the host."""
    dtb = arm64_dtb({f"/vmgenid@{PLACE:x}": {
        "compatible": "microsoft,vmgenid", "reg": [0, PLACE, 0, 16],
        "interrupts": [0, LINE, 1]}}, reserved=(PLACE, 0x1000))
    place = PLACE - RAM_START
    host_memory.write(place, uuid.UUID(FIRST).bytes_le)
    line = InterruptLine(tmp_path / "qtest")
    guest = boot_arm64(SHELL_ONLY, machine="virt,memory-backend=ram",
                       extra=("-dtb", dtb, *host_memory.options,
                              *line.options)).wait_prompt()
    wait_ready(guest)
    assert generation(guest) == FIRST
    # Drawing notices.
    host_memory.write(place, uuid.UUID(SECOND).bytes_le)
    guest.run("random 16")
    assert "renewed 1 times" in guest.run("random")
    assert generation(guest) == SECOND
    # The interrupt makes the guest look, though nobody draws.
    host_memory.write(place, uuid.UUID(THIRD).bytes_le)
    line.pulse(guest.machine.qmp, LINE)
    limit = time.monotonic() + STOP_SECONDS
    while "renewed 2 times" not in guest.run("random"):
        assert time.monotonic() < limit, "not noticed"
    assert re.search(rf"^ +{LINE + 32} +1 .* vmgenid$", guest.run("interrupts"),
                     re.MULTILINE)


@pytest.mark.parametrize("place, size", [
    (0x47F00000 - 0x4000, 16), (0x9000000, 16), (0x47F00004, 16),
    (0x47F00FF8, 16), (0x47F00000, 8)],
    ids=["free-memory", "device", "unaligned", "beyond", "short"])
def test_place_that_cannot_be_is_refused(boot_arm64, arm64_dtb, place, size):
    dtb = arm64_dtb({f"/vmgenid@{place:x}": {
        "compatible": "microsoft,vmgenid", "reg": [0, place, 0, size]}},
        reserved=(PLACE, 0x1000))
    guest = boot_arm64(SHELL_ONLY, extra=("-dtb", dtb)).wait_prompt()
    assert "vmgenid does not drive it" in guest.run("dmesg")
    assert "SKIP no vmgenid device" in guest.run("selftest vmgenid")
