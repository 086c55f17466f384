# SPDX-License-Identifier: BSD-2-Clause
"""Random numbers: which sources a machine has, and what they are worth."""

import re
import time

from zirvium import SHELL_ONLY

SOURCE = r"^(\S+) +(\d+) +(\d+)(?:  broken: (.*))?$"
KEY = r"ready: key (\d+),"


def sources(guest) -> dict[str, tuple[int, int, str]]:
    """What `random` tells of each source: bytes, credited bits, what broke."""
    rows = re.findall(SOURCE, guest.run("random"), re.MULTILINE)
    return {name: (int(a), int(b), broken) for name, a, b, broken in rows}


def wait_ready(guest, seconds=10.0):
    limit = time.monotonic() + seconds
    while not (shown := re.search(KEY, guest.run("random"))):
        assert time.monotonic() < limit, "no key"
        time.sleep(0.1)
    return int(shown[1])


def test_machine_without_any_source_gets_ready_by_jitter(boot):
    guest = boot(SHELL_ONLY, cpu="qemu64").wait_prompt()
    wait_ready(guest)
    shown = sources(guest)
    assert shown["jitter"][1] >= 250
    assert "rdrand" not in shown and "rdseed" not in shown
    numbers = [guest.run(f"random {n}").strip() for n in (64, 64, 16)]
    assert all(re.fullmatch("[0-9a-f]{128}", n) for n in numbers[:2])
    assert re.fullmatch("[0-9a-f]{32}", numbers[2])
    assert len(set(numbers)) == 3
    for wrong in ("0", "65", "-1", "x", "1 2"):
        assert "usage" in guest.run(f"random {wrong}").lower()


def test_instructions_of_the_cpu_are_credited_by_half(boot):
    guest = boot(SHELL_ONLY, cpu="max").wait_prompt()
    assert wait_ready(guest) == 1
    assert sources(guest)["rdrand"] == (64, 256, "")


def test_instructions_of_the_cpu_need_not_be_trusted(boot):
    append = f"{SHELL_ONLY} random.trust_cpu=off"
    guest = boot(append, cpu="max").wait_prompt()
    wait_ready(guest)
    shown = sources(guest)
    assert shown["rdrand"] == (64, 0, "")
    assert shown["jitter"][1] >= 250


def test_the_device_trees_seed_is_used(boot_arm64):
    guest = boot_arm64(SHELL_ONLY).wait_prompt()
    assert wait_ready(guest) == 1
    assert sources(guest)["rng-seed"] == (32, 256, "")


def test_the_device_trees_seed_need_not_be_trusted(boot_arm64):
    append = f"{SHELL_ONLY} random.trust_bootloader=off"
    guest = boot_arm64(append, cpu="max").wait_prompt()
    wait_ready(guest)
    shown = sources(guest)
    assert shown["rng-seed"] == (32, 0, "")
    assert shown["rndr"] == (64, 512, "")
