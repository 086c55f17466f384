# SPDX-License-Identifier: BSD-2-Clause
"""virtio-net: frames both ways through each kind of device that QEMU has.

Some boots have several devices, each another kind, for time's sake.
"""

import random
import re
import shutil
import struct
import subprocess
import sys
import threading
import time

import pytest
from conftest import machines_of, starter
from ether import HOST_MAC, Cable, ip
from machine import ARM64, Config
from paths import HERE
from test_hotplug import NATIVE, deleted, unplug
from zirvium import SHELL_ONLY, Guest

SUITE = "selftest=virtio_net exit"
SIZES = (0, 1, 17, 56, 512, 1400, 1472)
BURST = 100
GARBAGE = 200

MODERN = "virtio-net-pci,disable-legacy=on"
LEGACY = "virtio-net-pci,disable-modern=on"
MMIO = "virtio-net-device"

# Pairs of everything, not the product of all.
X86 = (
    f"{MODERN}",
    f"{MODERN},packed=on,mrg_rxbuf=off",
    f"{LEGACY}",
    f"{LEGACY},any_layout=off,event_idx=off,vectors=0",
    "virtio-net-pci,disable-legacy=off,disable-modern=off,vectors=0",
    f"{MODERN},packed=on,event_idx=off,indirect_desc=off,host_mtu=1500",
    f"{MODERN},ctrl_vq=off,rx_queue_size=1024,tx_queue_size=256,vectors=2",
)
ARM64_MODERN = (
    MODERN,
    f"{MODERN},packed=on,vectors=0",
    MMIO,
    f"{MMIO},packed=on,mrg_rxbuf=off",
    "virtio-net-pci,disable-legacy=off,disable-modern=off",
)
ARM64_LEGACY = (
    MMIO,
    f"{MMIO},event_idx=off,any_layout=off",
    LEGACY,
    f"{LEGACY},any_layout=off,vectors=0",
)
# Version 1 of MMIO, and version 2.
MICROVM_LEGACY = (MMIO, f"{MMIO},mrg_rxbuf=off")
MICROVM_MODERN = (MMIO, f"{MMIO},packed=on")


@pytest.fixture
def cables():
    """cables(n): so many of them, with the arguments for these devices."""
    made = []

    def make(devices) -> tuple:
        arguments = []
        for device in devices:
            cable = Cable(len(made))
            made.append(cable)
            name = f"netdev=n{cable.number},id=d{cable.number}"
            arguments += ["-netdev", cable.netdev(), "-device",
                          f"{device},{name}"]
        return made, tuple(arguments)

    yield make
    for cable in made:
        cable.close()


def match_up(guest, cables):
    """Devices' names are given as they are found: give cables those."""
    for cable in cables:
        mac = guest.machine.qmp.command(
            "qom-get", path=f"/machine/peripheral/d{cable.number}",
            property="mac")
        found = re.search(rf"eth(\d+): .*\n +link/ether {mac}",
                          guest.run("ip link"))
        assert found, mac
        yield cable, f"eth{found[1]}"


def connect(guest, cables) -> dict:
    """All devices up: the name of each cable's."""
    names = dict(match_up(guest, cables))
    for cable, name in names.items():
        guest.run(f"ip address add 10.9.{cable.number}.2/24 dev {name}")
        guest.run(f"ip link set {name} up")
        cable.find_guest()
    return names


def counters(guest, name: str) -> dict:
    """What `ip -s link` says: {"RX": (packets, bytes, dropped, errors)}."""
    text = guest.run(f"ip -s link show {name}")
    return {way: tuple(map(int, re.findall(r"\d+", line)))
            for way, line in re.findall(r"(RX|TX): (.*)", text)}


def exchange(cable):
    """Frames of all sizes, one by one, then many at once, then garbage."""
    for n, size in enumerate(SIZES):
        assert cable.ping(n, size), f"{size} bytes on {cable.number}"
    data = bytes(100)
    for n in range(BURST):
        cable.send(cable.request(1000 + n, data))
    for n in range(BURST):
        assert cable.wait(lambda f, n=n: cable.is_reply(f, 1000 + n, data)), n
    noise = random.Random(cable.number)
    for n in range(GARBAGE):
        cable.send(noise.randbytes(noise.randrange(1, 1514)))
    assert cable.ping(5000, 64)


def check_devices(guest, cables):
    guest.wait_prompt()
    names = connect(guest, cables)
    for cable, name in names.items():
        exchange(cable)
        received, sent = counters(guest, name).values()
        assert received[0] >= len(SIZES) + BURST
        assert sent[0] >= len(SIZES) + BURST and not sent[3]
    assert "broken" not in guest.machine.text


def test_frames_through_each_kind_of_device(boot, cables):
    ends, arguments = cables(X86)
    check_devices(boot(SHELL_ONLY, vga="none", smp=2, extra=arguments), ends)


def test_frames_through_each_kind_on_arm64(boot_arm64, cables):
    ends, arguments = cables(ARM64_MODERN)
    modern = ("-global", "virtio-mmio.force-legacy=off")
    check_devices(boot_arm64(SHELL_ONLY, extra=modern + arguments), ends)


def test_frames_through_legacy_mmio_on_arm64(boot_arm64, cables):
    ends, arguments = cables(ARM64_LEGACY)
    check_devices(boot_arm64(SHELL_ONLY, extra=arguments), ends)


@pytest.mark.parametrize(
    "devices, legacy", [(MICROVM_LEGACY, "on"), (MICROVM_MODERN, "off")],
    ids=["v1", "v2"])
def test_frames_through_mmio_of_a_microvm(boot, cables, devices, legacy):
    ends, arguments = cables(devices)
    check_devices(boot(
        SHELL_ONLY, vga="none", smp=2, machine="microvm,isa-serial=on",
        extra=("-global", f"virtio-mmio.force-legacy={legacy}", *arguments),
    ), ends)


def test_suite_on_each_kind_of_device(boot, cables):
    _, arguments = cables(X86)
    guest = boot(SUITE, vga="none", smp=2, extra=arguments)
    assert not guest.finish().skipped


@pytest.fixture
def one(boot, cables):
    """A machine with one modern device, up, and its cable."""
    ends, arguments = cables((MODERN,))
    guest = boot(SHELL_ONLY, vga="none", extra=arguments).wait_prompt()
    connect(guest, ends)
    return guest, ends[0]


def test_frames_of_many_buffers_and_none(one):
    """Longer than a page, the longest, and too short to be one."""
    guest, cable = one
    guest.run("ip link set eth0 mtu 65535")
    for n, size in enumerate((3000, 3624, 3625, 9000, 30000, 65000)):
        assert cable.ping(n, size), size
    for size in (1, 13, 14, 15):
        cable.send(bytes(size))
    cable.send(HOST_MAC * 10922)  # 65532 bytes for nobody
    assert cable.ping(100, 64)


def test_link_goes_and_comes(one):
    guest, cable = one
    guest.machine.qmp.command("set_link", name="d0", up=False)
    assert wait_for(lambda: "LOWER_UP" not in guest.run("ip link show eth0"))
    guest.machine.qmp.command("set_link", name="d0", up=True)
    assert wait_for(lambda: "LOWER_UP" in guest.run("ip link show eth0"))
    assert cable.ping(1, 100)


def wait_for(condition, seconds: float = 10.0) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return True
        time.sleep(0.05)
    return False


def rx_filter(guest) -> dict:
    return guest.machine.qmp.command("query-rx-filter", name="d0")[0]


def test_filters_are_what_the_stack_wants(one):
    guest, cable = one
    state = rx_filter(guest)
    assert not state["promiscuous"]
    assert state["multicast"] in ("none", "normal")
    guest.run("ip link set eth0 promisc on")
    assert rx_filter(guest)["promiscuous"]
    guest.run("ip link set eth0 promisc off")
    assert not rx_filter(guest)["promiscuous"]
    guest.run("ip link set eth0 address 02:11:22:33:44:55")
    assert rx_filter(guest)["main-mac"] == "02:11:22:33:44:55"
    assert cable.find_guest() == bytes.fromhex("021122334455")
    assert cable.ping(1, 100)


def test_vlans_are_let_in_when_asked_for(one):
    guest, cable = one
    assert 7 not in rx_filter(guest)["vlan-table"]
    guest.run("ip link add link eth0 name eth0.7 type vlan id 7")
    guest.run("ip link set eth0.7 up")
    assert 7 in rx_filter(guest)["vlan-table"]
    guest.run("ip link del eth0.7")
    assert 7 not in rx_filter(guest)["vlan-table"]
    assert cable.ping(1, 100)


def test_announcement_that_the_host_asks_for(one):
    guest, cable = one
    cable.frames.clear()
    guest.machine.qmp.command("announce-self", initial=50, max=100, rounds=2,
                              step=50)
    # A gratuitous ARP: the guest speaks of itself to everybody.
    assert cable.wait(lambda f: f[12:14] == b"\x08\x06"
                      and f[28:32] == cable.guest == f[38:42])
    assert cable.ping(1, 100)


def test_driver_taken_away_and_given_back_under_traffic(one):
    guest, cable = one
    data = bytes(200)
    for turn in range(3):
        for n in range(BURST):
            cable.send(cable.request(n, data))
        guest.run("unbind virtio0")
        assert "eth0" not in guest.run("ip link")
        guest.run("bind virtio0")
        guest.run("ip address add 10.9.0.2/24 dev eth0")
        guest.run("ip link set eth0 up")
        cable.find_guest()
        assert cable.ping(turn, 100)


def test_device_unplugged_under_traffic(boot, cables):
    (cable,), arguments = cables((f"{MODERN},bus=rp0",))
    guest = boot(SHELL_ONLY, vga="none", extra=NATIVE + arguments)
    guest.wait_prompt()
    connect(guest, [cable])
    for n in range(BURST):
        cable.send(cable.request(n, bytes(200)))
    unplug(guest, "d0")
    assert "eth0" not in guest.run("ip link")


def datagrams(cable, port: int) -> bytes:
    """A frame with one, for the guest."""
    body = struct.pack("!HHHH", 9, port, 8 + 64, 0) + bytes(64)
    head = cable.guest_mac + HOST_MAC + b"\x08\0"
    return head + ip(cable.host, cable.guest, 17, body)


def flood_of(text: str, name: str) -> dict[str, int]:
    """What a line of `bench net` says."""
    (line,) = re.findall(rf"^{name} +(.*)", text, re.M)
    words = line.split()
    return dict(zip(words[::2], map(int, words[1::2])))


def test_rates_and_costs_of_both_ways_are_told(one):
    guest, cable = one
    guest.run("ip route add default via 10.9.0.1")
    sent = flood_of(guest.run("bench net.udp_flood_64"), "udp_flood_64")
    frame, over = datagrams(cable, 5001), threading.Event()

    def flood():
        while not over.is_set():
            cable.send(frame)

    sender = threading.Thread(target=flood, daemon=True)
    sender.start()
    try:
        received = flood_of(guest.run("bench net.udp_receive_flood"),
                            "udp_receive_flood")
    finally:
        over.set()
        sender.join()
    for told in sent, received:
        rate = told["datagrams_per_s"]
        assert rate and abs(told["kbytes_per_s"] - rate * 64 // 1000) <= 1
        assert "notifications_per_1000" in told
        assert "interrupts_per_1000" in told
    assert received["notifications_per_1000"] <= 1000


def test_device_unplugged_while_both_ends_flood(boot, cables):
    """Neither end stops by itself, and what was measured is not told."""
    (cable,), arguments = cables((f"{MODERN},bus=rp0",))
    guest = boot(SHELL_ONLY, vga="none", smp=2, extra=NATIVE + arguments)
    guest.wait_prompt()
    connect(guest, [cable])
    guest.run("ip route add default via 10.9.0.1")
    over = threading.Event()
    frame = cable.request(1, bytes(200))

    def flood():
        while not over.is_set():
            cable.send(frame)

    sender = threading.Thread(target=flood, daemon=True)
    sender.start()
    try:
        guest.type("bench net.udp_flood_64\r")
        # It has begun when many of its datagrams are here.
        for _ in range(BURST):
            assert cable.wait(lambda f: f[12:14] == b"\x08\0" and f[23] == 17)
        guest.machine.qmp.command("device_del", id="d0")
        text = guest.machine.text
        guest.wait_prompt(60)
        assert wait_for(lambda: deleted(guest.machine.qmp, "d0") or
                        guest.run("uptime") is None, 30)
    finally:
        over.set()
        sender.join()
    told = guest.machine.text[len(text):]
    assert "datagrams_per_s" not in told and "left out" in told
    assert "eth0" not in guest.run("ip link")
    assert "3 received" in guest.run("ping -c 3 -i 0.01 127.0.0.1")


# A network of Linux's own, with two cables of four queues each.
FLOWS = range(11, 27)
TAP = """
ip tuntap add tap{n} mode tap multi_queue vnet_hdr &&
ip link set tap{n} up && ip addr add 10.9.{n}.1/24 dev tap{n} &&
ip addr add 10.0.2.2/24 dev tap{n} &&
for i in {flows}; do ip addr add 10.9.{n}.$i/24 dev tap{n} || exit; done &&
"""
PAIRS = "mq=on,vectors=10"


def namespace(before: str = "") -> list[str]:
    """The words of a command that runs another one there, or a skip.

    @before is what the shell there does first.
    """
    if not (shutil.which("unshare") and shutil.which("ip")):
        pytest.skip("no unshare(1) or ip(8) (Debian package iproute2)")
    flows = " ".join(map(str, FLOWS))
    taps = "".join(TAP.format(n=n, flows=flows) for n in (0, 1))
    words = ["unshare", "-rn", "sh", "-c"]
    tried = subprocess.run([*words, taps + "true"], capture_output=True,
                           text=True)
    if tried.returncode:
        pytest.skip(f"no network namespace with taps: {tried.stderr.strip()}")
    return [*words, f'{taps}{{ {before} exec "$@"; }}', "sh"]


def tap(n: int, options: str) -> tuple:
    return ("-netdev", f"tap,id=n{n},ifname=tap{n},script=no,downscript=no,"
            "queues=4", "-device", f"{MODERN},netdev=n{n},id=d{n},{options}")


def queues_that_received(guest, device: str) -> int:
    taken = re.findall(rf"^ +\d+ +(\d+) .* {device}-receive",
                       guest.run("interrupts"), re.M)
    assert len(taken) == 4
    return sum(count != "0" for count in taken)


def test_flows_are_spread_over_pairs(request, kernel, initrd, tmp_path):
    """Four pairs, with the device's own steering, and with ours (RSS)."""
    done = tmp_path / "answered"
    done.touch()
    peers = ""
    for n in (0, 1):
        sources = " ".join(f"10.9.{n}.{i}" for i in FLOWS)
        peers += (f"{sys.executable} {HERE / 'many_flows.py'} {done} "
                  f"10.9.{n}.2 {sources} & ")
    start = starter(request.node, via=namespace(peers))
    extra = tap(0, PAIRS) + tap(1, f"{PAIRS},rss=on,hash=on,packed=on")
    config = Config(kernel=kernel, initrd=initrd, smp=4, append=SHELL_ONLY,
                    vga="none", memory="256M", extra=extra)
    try:
        guest = Guest(start(config)).wait_prompt()
        for n in (0, 1):
            guest.run(f"ip address add 10.9.{n}.2/24 dev eth{n}")
            guest.run(f"ip link set eth{n} up")
        wanted = 2 * len(FLOWS)
        assert wait_for(lambda: len(done.read_text().split("\n")) > wanted
                        or guest.run("uptime") is None, 30)
        for device in ("virtio0", "virtio1"):
            assert queues_that_received(guest, device) >= 2
        assert "refused" not in guest.machine.text
    finally:
        for machine in machines_of(request.node):
            machine.close()


def check_pairs(request, **config):
    start = starter(request.node, via=namespace())
    extra = tap(0, PAIRS) + tap(1, f"{PAIRS},rss=on,hash=on,mrg_rxbuf=off")
    config = Config(smp=4, append=SUITE, memory="256M", extra=extra, **config)
    try:
        guest = Guest(start(config))
        assert not guest.finish().skipped
        assert guest.machine.text.count("4 of its pairs of queues") >= 2
    finally:
        for machine in machines_of(request.node):
            machine.close()


def test_suite_on_pairs(request, kernel, initrd):
    check_pairs(request, kernel=kernel, initrd=initrd, vga="none")


def test_suite_on_pairs_on_arm64(request, arm64_image, arm64_initrd):
    check_pairs(request, **ARM64, kernel=arm64_image, initrd=arm64_initrd)
