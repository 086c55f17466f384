# SPDX-License-Identifier: BSD-2-Clause
"""The network: virtio_net on QEMU's own network, on Linux's, and on a bad one."""

import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

import pytest
from net_peer import GUEST, GUEST_MAC, PEER, UDP, Peer, ethernet, ip_packet, udp
from paths import HERE
from zirvium import SHELL_ONLY

USER = ("-netdev", "user,id=n0", "-device", "virtio-net-pci,netdev=n0")
STATIC = f"{SHELL_ONLY} ip={GUEST}::{PEER}:255.255.255.0::eth0:off:{PEER}"
LEASE = r"dhcp: eth0: 10\.0\.2\.15/24 from 10\.0\.2\.2"


def drops(guest) -> dict[str, int]:
    """What `nstat` says."""
    found = re.findall(r"^(\w+) +(\d+)$", guest.run("nstat"), re.M)
    return {name: int(count) for name, count in found}


def received(answer: str) -> int:
    """Of a ping."""
    return int(re.search(r"(\d+) received", answer)[1])


@pytest.fixture
def boot_peer(boot):
    """boot_peer(append, **faults): a Guest and the Peer it is joined to."""
    peers = []

    def run(append=STATIC, smp=1, device="virtio-net-pci", **faults):
        peer = Peer(**faults)
        peers.append(peer)
        device = f"{device},netdev=n0,mac={GUEST_MAC.hex(':')}"
        extra = ("-netdev", peer.netdev(), "-device", device)
        return boot(append, smp=smp, extra=extra), peer

    yield run
    for peer in peers:
        peer.close()


@pytest.mark.parametrize("smp", [1, 4])
def test_stack_works_without_a_device(boot, smp):
    assert boot("selftest=net exit", smp=smp).finish().passed


def test_arm64_gets_an_address(boot_arm64):
    guest = boot_arm64("selftest=net ip=dhcp", extra=USER, smp=2)
    guest.wait_prompt().report().check()
    assert "eth0: 10.0.2.15/24" in guest.run("dhcp eth0")
    assert received(guest.run("ping -c 2 -i 0.1 10.0.2.2")) == 2


def test_nothing_is_configured_unless_asked_for(boot):
    guest = boot(SHELL_ONLY, extra=USER).wait_prompt()
    assert "state DOWN" in guest.run("ip link show eth0")
    assert "inet" not in guest.run("ip addr show eth0")
    assert "64 bytes from 127.0.0.1" in guest.run("ping -c 1 localhost")


def test_address_comes_by_dhcp_and_goes_back(boot):
    guest = boot(SHELL_ONLY, extra=USER, smp=2).wait_prompt()
    assert "eth0: 10.0.2.15/24" in guest.run("dhcp eth0")
    assert "default via 10.0.2.2 dev eth0" in guest.run("ip route")
    assert "nameserver 10.0.2.3" in guest.run("ip addr")
    assert received(guest.run("ping -c 3 -i 0.1 10.0.2.2")) == 3
    assert "10.0.2.2 dev eth0 lladdr" in guest.run("ip neigh")
    guest.run("dhcp -r eth0")
    assert "inet" not in guest.run("ip addr show eth0")
    assert "eth0" not in guest.run("ip route")


def test_boot_does_not_wait_for_dhcp(boot):
    """On a cable that leads nowhere; then on one that leads somewhere."""
    extra = ("-netdev", "hubport,id=n0,hubid=0", *USER[2:])
    guest = boot(f"{SHELL_ONLY} ip=dhcp", extra=extra).wait_prompt()
    assert "inet" not in guest.run("ip addr show eth0")
    guest = boot(f"{SHELL_ONLY} ip=dhcp", extra=USER)
    guest.machine.expect(LEASE, 20)


def test_udp_goes_to_the_host_and_back(boot):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        port = server.getsockname()[1]

        def serve():
            data, address = server.recvfrom(2048)
            server.sendto(data.upper(), address)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        guest = boot(SHELL_ONLY, extra=USER).wait_prompt()
        guest.run("dhcp eth0")
        guest.type(f"nc -u -W 1 10.0.2.2 {port}\r")
        guest.machine.expect(str(port), 10)
        guest.type("from the guest\r")
        guest.machine.expect("FROM THE GUEST", 10)
        guest.wait_prompt(10)
        thread.join(20)


def wait_for_address(guest, address=GUEST):
    """ip= is done in the background."""
    limit = time.monotonic() + 10
    while f"inet {address}/24" not in guest.run("ip addr show eth0"):
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_static_address_and_names(boot_peer):
    guest, _ = boot_peer()
    guest.wait_prompt()
    wait_for_address(guest)
    assert received(guest.run(f"ping -c 2 -i 0.1 {PEER}")) == 2
    assert "has address 192.0.2.77" in guest.run("host zirvium.example")
    assert "not found" in guest.run("host nobody.example")
    assert "no answer in time" not in guest.run("host 10.1.2.3")


@pytest.mark.parametrize(
    "device",
    ["virtio-net-pci", "virtio-net-pci,csum=off,guest_csum=off",
     "virtio-net-pci,packed=on", "virtio-net-pci,mrg_rxbuf=off"],
)
def test_large_packets_are_cut_and_joined(boot_peer, device):
    """The peer checks all checksums, and ping what comes back."""
    guest, peer = boot_peer(device=device)
    guest.wait_prompt()
    wait_for_address(guest)
    assert received(guest.run(f"ping -c 3 -i 0.1 -s 1472 {PEER}")) == 3
    # The first one finds the way.
    answer = guest.run(f"ping -c 4 -i 0.1 -s 20000 {PEER}")
    assert received(answer) >= 3
    assert max(map(len, peer.frames)) <= 1514


def test_frames_lost_repeated_and_swapped_are_borne(boot_peer):
    guest, _ = boot_peer(loss=0.2, repeat=0.3, swap=True)
    guest.wait_prompt()
    wait_for_address(guest)
    answer = guest.run(f"ping -c 25 -i 0.02 -W 0.2 {PEER}", 30)
    assert received(answer) >= 5
    assert f"inet {GUEST}/24" in guest.run("ip addr show eth0")


def hostile_frames():
    """Frames that a sound sender does not make."""
    dice = random.Random(7)
    sound = ip_packet(UDP, udp(b"data", 9))
    for length in range(1, len(sound), 3):
        yield sound[:length]
    for _ in range(300):
        yield ethernet(0x0800, dice.randbytes(dice.randrange(200)))
        yield ethernet(0x0806, dice.randbytes(dice.randrange(60)))
        torn = bytearray(sound)
        torn[dice.randrange(12, len(torn))] ^= 1 << dice.randrange(8)
        yield bytes(torn)
    for number in range(100):  # datagrams that never end
        yield ip_packet(UDP, bytes(1400), number=number, fragment=0x2000)
        yield ip_packet(UDP, bytes(1400), number=1, fragment=0x2000 | number)
    for size in (1515, 2000, 9000, 40000):
        yield ethernet(0x0800, dice.randbytes(size))
        yield ip_packet(UDP, udp(bytes(size), 9))
    for last in range(250):  # everybody asks for us
        yield ethernet(0x0806, bytes.fromhex("0001080006040001")
                       + bytes((2, 0, 0, 1, 1, last, 10, 7, 0, last))
                       + bytes(6) + socket.inet_aton(GUEST))


@pytest.mark.parametrize("smp", [1, 2])
def test_hostile_frames_are_dropped_and_counted(boot_peer, smp):
    guest, peer = boot_peer(smp=smp)
    guest.wait_prompt()
    wait_for_address(guest)
    assert received(guest.run(f"ping -c 1 {PEER}")) == 1
    for number, frame in enumerate(hostile_frames()):
        peer.put(frame)
        if number % 32 == 0:
            guest.run("")  # it keeps up
    counted = drops(guest)
    assert counted["InHdrErrors"] > 0
    assert counted["InCsumErrors"] > 0
    assert counted["ReasmFails"] > 0
    assert counted["NoMemory"] == 0
    assert received(guest.run(f"ping -c 2 -i 0.1 {PEER}")) == 2


def test_cable_is_pulled_and_put_back(boot_peer):
    guest, peer = boot_peer()
    guest.wait_prompt()
    wait_for_address(guest)
    assert received(guest.run(f"ping -c 1 {PEER}")) == 1
    guest.machine.qmp.command("set_link", name="n0", up=False)
    assert received(guest.run(f"ping -c 1 -W 0.2 {PEER}")) == 0
    assert "NO-CARRIER" in guest.run("ip link show eth0")
    peer.frames.clear()
    guest.machine.qmp.command("set_link", name="n0", up=True)
    assert received(guest.run(f"ping -c 3 -i 0.2 -W 0.2 {PEER}")) >= 2
    # Whoever is there now is told where we are.
    own = socket.inet_aton(GUEST)
    assert any(f[12:14] == b"\x08\x06" and f[28:32] == f[38:42] == own
               for f in peer.frames)


def test_vlan_frames_have_their_tag(boot_peer):
    guest, peer = boot_peer()
    guest.wait_prompt()
    guest.run("ip link add link eth0 name eth0.5 type vlan id 5")
    guest.run("ip link set eth0.5 up")
    guest.run("ip addr add 10.8.0.2/24 dev eth0.5")
    guest.run("ping -c 1 -W 0.2 10.8.0.1")
    tagged = [f for f in peer.frames if f[12:16] == b"\x81\0\0\x05"]
    assert tagged and all(f[16:18] == b"\x08\x06" for f in tagged)
    assert "eth0.5@eth0" in guest.run("ip link")
    guest.run("ip link del eth0.5")
    assert "eth0.5" not in guest.run("ip link")


def test_listener_answers_who_sends(boot_peer):
    guest, peer = boot_peer()
    guest.wait_prompt()
    guest.type("nc -u -l -W 2 4000\r")
    guest.machine.expect("4000", 10)
    deadline = time.monotonic() + 10
    while "first" not in guest.machine.text and time.monotonic() < deadline:
        peer.put(ip_packet(UDP, udp(b"first\n", 4000)))
        time.sleep(0.1)  # it may not listen yet
    guest.machine.expect("^first", 10)
    guest.type("answer\r")
    guest.wait_prompt(10)
    assert any(b"answer\n" in frame for frame in peer.frames)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ip", "usage: ip"),
        ("ip link set eth9 up", "there is no device eth9"),
        ("ip link set eth0 mtu 60", "takes an mtu of 68 to"),
        ("ip addr add 10.0.0.0/24 dev eth0", "usage: ip"),
        ("ip addr add 10.0.0.1/33 dev eth0", "usage: ip"),
        ("ip addr del 10.0.0.1/24 dev eth0", "not an address of this machine"),
        ("ip route add 10.0.0.1/24 dev eth0", "usage: ip"),
        ("ip route add default via 10.99.0.1", "network is unreachable"),
        ("ip link set eth0 address 01:00:00:00:00:01", "usage: ip"),
        ("ping", "usage: ping"),
        ("ping -c 0 127.0.0.1", "usage: ping"),
        ("ping nobody.example", "no name server is configured"),
        ("nc 10.0.0.1 5", "usage: nc"),
        ("nc -u 10.0.0.1 70000", "usage: nc"),
        ("host", "usage: host"),
        ("dhcp lo", "usage: dhcp"),
    ],
)
def test_commands_say_what_is_wrong(shared, line, said):
    assert said in shared.run(line)


@pytest.fixture(scope="module")
def shared(module_boot):
    return module_boot(SHELL_ONLY, extra=USER).wait_prompt()


def test_device_is_configured_by_hand(shared):
    shared.run("ip link set eth0 up")
    shared.run("ip addr add 10.0.2.99/24 dev eth0")
    shared.run("ip route add default via 10.0.2.2 dev eth0")
    assert received(shared.run("ping -c 1 10.0.2.2")) == 1
    shared.run("ip link set eth0 mtu 1000")
    assert "mtu 1000" in shared.run("ip link show eth0")
    shared.run("ip link set eth0 down")
    assert "state DOWN" in shared.run("ip link show eth0")
    assert received(shared.run("ping -c 1 -W 0.2 10.0.2.2")) == 0
    shared.run("ip link set eth0 up")
    assert received(shared.run("ping -c 1 10.0.2.2")) == 1
    assert "RX: " in shared.run("ip -s link show eth0")
    shared.run("ip addr del 10.0.2.99/24 dev eth0")
    assert "10.0.2.99" not in shared.run("ip addr")


# A network of Linux's own, which ends with QEMU: nothing outside can see it.
NAMESPACE = """
ip link set lo up &&
ip tuntap add tap0 mode tap vnet_hdr &&
ip addr add 10.9.0.1/24 dev tap0 &&
ip link set tap0 up &&
exec "$@"
"""


def namespace(script: str = NAMESPACE) -> list[str]:
    """The words of a command that runs another one there, or a skip."""
    words = ["unshare", "-rnm", "sh", "-c", script, "sh"]
    if not (shutil.which("unshare") and shutil.which("ip")):
        pytest.skip("no unshare(1) or ip(8) (Debian package iproute2)")
    tried = subprocess.run([*words, "true"], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"no network namespace with a tap: {tried.stderr.strip()}")
    return words


@pytest.mark.parametrize("smp", [1, 2])
def test_linux_is_talked_to(request, kernel, initrd, smp):
    """Its kernel answers pings, a program in it UDP; both in large packets."""
    from conftest import machines_of, starter
    from machine import Config
    from zirvium import Guest

    echo = ["sh", "-c", f'{sys.executable} {HERE / "udp_echo.py"} 10.9.0.1 7 '
            '& exec "$@"', "sh"]
    start = starter(request.node, via=[*namespace(), *echo])
    config = Config(
        kernel=kernel, initrd=initrd, smp=smp,
        append=f"{SHELL_ONLY} ip=10.9.0.2::10.9.0.1:255.255.255.0::eth0:off",
        extra=("-netdev", "tap,id=n0,ifname=tap0,script=no,downscript=no",
               "-device", "virtio-net-pci,netdev=n0"))
    try:
        guest = Guest(start(config)).wait_prompt()
        wait_for_address(guest, "10.9.0.2")
        assert received(guest.run("ping -c 3 -i 0.1 10.9.0.1")) == 3
        answer = guest.run("ping -c 4 -i 0.1 -s 30000 10.9.0.1")
        assert received(answer) >= 3
        guest.type("nc -u -W 1 10.9.0.1 7\r")
        guest.machine.expect("10.9.0.1 7", 10)
        guest.type("there and back\r")
        guest.machine.expect("there and back\nthere and back", 10)
    finally:
        for machine in machines_of(request.node):
            machine.close()


# One whose only name server is ours: QEMU's user network asks it.
RESOLVER = """
ip link set lo up &&
mount --bind {resolv} /etc/resolv.conf &&
exec "$@"
"""


def test_names_by_way_of_qemus_user_network(request, kernel, initrd, tmp_path):
    from conftest import machines_of, starter
    from machine import Config
    from zirvium import Guest

    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\n")
    server = ["sh", "-c", f'{sys.executable} {HERE / "name_server.py"} '
              '127.0.0.1 & exec "$@"', "sh"]
    via = [*namespace(RESOLVER.format(resolv=resolv)), *server]
    config = Config(kernel=kernel, initrd=initrd, append=SHELL_ONLY, extra=USER)
    try:
        guest = Guest(starter(request.node, via=via)(config)).wait_prompt()
        assert "eth0: 10.0.2.15/24" in guest.run("dhcp eth0")
        assert "has address 192.0.2.77" in guest.run("host zirvium.example")
        assert "not found" in guest.run("host nobody.example")
    finally:
        for machine in machines_of(request.node):
            machine.close()
