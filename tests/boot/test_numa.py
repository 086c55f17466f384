# SPDX-License-Identifier: BSD-2-Clause
"""Nodes, as QEMU's SRAT and SLIT describe them."""

import re

from zirvium import SHELL_ONLY

NODE = r"^node (\d) \(domain (\d)\): (\d) CPUs, (\d+) MiB of RAM$"

# Two nodes, the second one on both sides of the hole below 4 GiB. QEMU gives
# memory to the machine only when it is written: this costs the host little.
NODES = (
    "-object", "memory-backend-ram,id=m0,size=2G",
    "-object", "memory-backend-ram,id=m1,size=3G",
    "-numa", "node,nodeid=0,memdev=m0,cpus=0",
    "-numa", "node,nodeid=1,memdev=m1,cpus=1",
    "-numa", "dist,src=0,dst=1,val=31",
)


def test_nodes_with_a_hole_are_shown(boot):
    guest = boot(SHELL_ONLY, machine="pc", memory="5G", smp=2, vga="none",
                 extra=NODES)
    answer = guest.wait_prompt().run("numa")
    nodes = re.findall(NODE, answer, re.MULTILINE)
    assert [node[:3] for node in nodes] == [("0", "0", "1"), ("1", "1", "1")]
    sizes = [int(node[3]) for node in nodes]
    assert 2040 <= sizes[0] <= 2048 and 3060 <= sizes[1] <= 3072
    second = answer[answer.index("node 1"):]
    ranges = re.findall(r"memory (\w{16})-(\w{16})", second)
    assert [start for start, _ in ranges] == ["0000000080000000",
                                              "0000000100000000"]
    assert re.findall(r"distances (.*)", answer) == ["10 31", "31 10"]


def test_machine_without_nodes_has_one(boot):
    answer = boot(SHELL_ONLY, vga="none").wait_prompt().run("numa")
    assert "one node" in answer
