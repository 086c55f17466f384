# SPDX-License-Identifier: BSD-2-Clause
"""Stolen time of a guest's CPUs, by the host's count and by the guest's."""

import json
import re
import subprocess

LIMIT = 60.0

# Waiting of threads for a CPU, in ns, by their numbers.
RUN_DELAYS = """
import json, sys
files = {t: open(f"/proc/{t}/schedstat").read() for t in sys.argv[1:]}
print(json.dumps({t: int(text.split()[1]) for t, text in files.items()}))
"""


def by_host(where, guest) -> list[int]:
    """How long each CPU of @guest waited, as @where counts, in us."""
    cpus = guest.machine.qmp.command("query-cpus-fast")
    threads = [str(cpu["thread-id"]) for cpu in cpus]
    words = ("/usr/bin/python3", "-I", "-S", "-c", RUN_DELAYS, *threads)
    done = subprocess.run(
        [*where.l1().remote(LIMIT), *words],
        check=True,
        capture_output=True,
        text=True,
    )
    delays = json.loads(done.stdout)
    return [delays[thread] // 1000 for thread in threads]


def by_guest(guest, seconds: float) -> list[int]:
    """The same as the guest is told."""
    answer = guest.run("cpus", seconds)
    assert answer.split("\n")[0].endswith("stolen us")
    return [int(n) for n in re.findall(r"online .* (\d+)$", answer, re.M)]


def differences(before: list[int], after: list[int]) -> list[int]:
    return [b - a for a, b in zip(before, after)]


def check(where, guest, seconds: float):
    """Both counts agree within 5 % while all CPUs of @guest want to run.

    They share one of the host's. The guest's readings are between two of the
    host's: what it was told is not less than what the host counted between
    them, and not more than around them.
    """
    told, host = [], []
    for command in ("selftest kvm-steal-long", None):
        host.append(by_host(where, guest))
        told.append(by_guest(guest, seconds))
        host.append(by_host(where, guest))
        if command:
            said = guest.run(command, seconds)
            assert re.search(r"^ok 1 kvm-steal-long$", said, re.M)
    least = differences(host[1], host[2])
    most = differences(host[0], host[3])
    stolen = differences(*told)
    print(f"stolen us: host {least} to {most}, guest {stolen}")
    for cpu, counted in enumerate(stolen):
        assert counted > 1_000_000  # of 3 s, half is the other one's
        assert 0.95 * least[cpu] <= counted <= 1.05 * most[cpu]
