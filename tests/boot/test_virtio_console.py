# SPDX-License-Identifier: BSD-2-Clause
"""Consoles and ports of virtio: hvc0, streams with names, coming and going."""

import hashlib
import random
import re
import time

import pytest
from hostport import HostPort, add_chardev, chardev
from machine import EXIT_POWEROFF, EXIT_SUCCESS
from zirvium import PROMPT, SHELL_ONLY

HVC_ONLY = f"{SHELL_ONLY} console=hvc0"
EARLY = "earlycon=virtio,0xfeb02e00"  # microvm's last place
ECHO = "org.zirvium.echo"
ECHO_BYTES = 1 << 20

# Ways to reach a device, each with another ring and interrupt: pairwise.
PCI = "virtio-serial-pci,id=vs"
MMIO = "virtio-serial-device,id=vs"
MODERN = ("-global", "virtio-mmio.force-legacy=false")
MICROVM = {"machine": "microvm,isa-serial=off,rtc=off"}
MACHINES = {
    "x86-pci-msix-split": ("x86", {}, PCI, ()),
    "x86-pci-intx-packed": ("x86", {}, f"{PCI},packed=on,vectors=0", ()),
    "x86-pci-legacy": ("x86", {"machine": "pc"},
                       f"{PCI},disable-modern=on,vectors=2", ()),
    "x86-mmio-packed": ("x86", MICROVM, f"{MMIO},packed=on", MODERN),
    "arm64-mmio-legacy": ("arm64", {}, MMIO, ()),
    "x86-pci-split-bounced": ("x86", {},
                              f"{PCI},iommu_platform=on,"
                              "disable-legacy=on", ()),
    "arm64-pci-msix-packed": ("arm64", {"smp": 2}, f"{PCI},packed=on", ()),
    "arm64-pci-intx-split": ("arm64", {}, f"{PCI},vectors=0", ()),
}


@pytest.fixture
def boot_with(boot, boot_arm64):
    """boot_with(arch, append, devices, **config): no serial port, no display.

    The console is hvc0, at the machine's standard input and output.
    """

    def run(arch, append, *devices, **config):
        terminal = ("-chardev", "stdio,id=terminal,signal=off")
        extra = [*terminal]
        for device in devices:
            extra += device if isinstance(device, tuple) else (
                "-device", device)
        config.setdefault("vga", "none")
        config.setdefault("serial", False)
        start = boot_arm64 if arch == "arm64" else boot
        return start(append, extra=tuple(extra), **config)

    return run


def ports(guest) -> dict[str, str]:
    """The lines of `ports`, by what the device calls the port."""
    lines = guest.run("ports").strip().split("\n")
    return {line.split()[0]: " ".join(line.split()[1:])
            for line in lines if line.strip()}


def wait_port(guest, pattern: str, seconds: float = 10.0) -> str:
    """Wait until a line of `ports` matches @pattern; the port's name."""
    limit = time.monotonic() + seconds
    while True:
        shown = ports(guest)
        for name, text in shown.items():
            if re.search(pattern, text):
                return name
        if time.monotonic() > limit:
            raise guest.machine.error(f"no port matches {pattern!r}: {shown}")
        time.sleep(0.1)


def begin(guest, line: str):
    """Type @line, whose command is not waited for."""
    guest.type(line + "\r")
    guest.machine.expect(r"\n")


def check_echo(guest, host, size=ECHO_BYTES):
    data = random.Random(size).randbytes(size)
    begin(guest, f"port echo {ECHO} {size}")
    back = host.echo(data)
    assert len(back) == size
    assert hashlib.sha256(back).digest() == hashlib.sha256(data).digest()
    done = guest.machine.expect(r"^echoed (\d+) bytes in (\d+) ms: (.*)\n")
    assert int(done[1]) == size and done[3] == "done"
    guest.wait_prompt()


# A boot each, since the transports are the point; some 3 s.
@pytest.mark.parametrize("name", MACHINES)
def test_shell_on_hvc0_and_a_megabyte_through_a_port(
    boot_with, tmp_path, name
):
    arch, config, device, options = MACHINES[name]
    path = tmp_path / "echo"
    append = HVC_ONLY
    if "bounced" in name:
        append += " swiotlb=4096,force,access-platform"
    guest = boot_with(
        arch, append, options, chardev("echo", path), device,
        "virtconsole,chardev=terminal,bus=vs.0",
        f"virtserialport,chardev=echo,bus=vs.0,name={ECHO}", **config)
    guest.wait_prompt()
    assert guest.machine.text.count("Zirvium ") == 1
    assert ("TLB: mapped" in guest.machine.text) == ("bounced" in name)
    guest.type("upxtime\x1b[D\x1b[D\x1b[D\x1b[D\x7f")
    guest.wait_line(PROMPT + "uptime")
    guest.type("\r")
    guest.machine.expect("^up 0:")
    guest.wait_prompt()
    shown = ports(guest)
    (console,) = [n for n, text in shown.items() if "console hvc0" in text]
    assert f"{ECHO} host closed" in shown[console[:-1] + "1"]
    with HostPort(path) as host:
        wait_port(guest, f"{ECHO} host open")
        check_echo(guest, host)
    wait_port(guest, f"{ECHO} host closed")
    guest.type("poweroff\r")
    assert guest.machine.wait_exit(10) == EXIT_POWEROFF
    assert guest.machine.text.rstrip().endswith("Power down")


def test_device_with_one_port_is_a_console(boot_with):
    guest = boot_with("x86", HVC_ONLY, f"{PCI},max_ports=1",
                      "virtconsole,chardev=terminal").wait_prompt()
    (text,) = ports(guest).values()
    assert text.startswith("- host open console hvc0")
    assert "error -16" in guest.run("port cat virtio0.0")


@pytest.fixture(scope="module")
def shared(module_boot, tmp_path_factory):
    """A guest with a serial console, hvc0 and a port for all of these tests.
    """
    path = tmp_path_factory.mktemp("ports") / "echo"
    extra = (*chardev("echo", path), "-device", PCI,
             "-chardev", "null,id=null", "-device",
             "virtconsole,chardev=null,bus=vs.0", "-device",
             f"virtserialport,chardev=echo,bus=vs.0,id=echo,name={ECHO}")
    guest = module_boot(SHELL_ONLY, vga="none", smp=2, extra=extra)
    guest.wait_prompt()
    guest.path = path
    return guest


def test_what_the_host_writes_and_reads(shared):
    with HostPort(shared.path) as host:
        wait_port(shared, f"{ECHO} host open")
        assert shared.run(f"port write {ECHO} hello host").strip() == ""
        assert host.read_line() == "hello host\n"
        begin(shared, f"port cat {ECHO}")
        host.send(b"hello guest\n")
        shared.machine.expect("^hello guest\n")
        shared.type("q")
        shared.wait_prompt()


def test_abrupt_close_is_said_and_the_next_one_is_served(shared):
    for _ in range(3):
        with HostPort(shared.path) as host:
            wait_port(shared, f"{ECHO} host open")
            begin(shared, f"port echo {ECHO}")
            assert host.echo(b"x" * 10000) == b"x" * 10000
        done = shared.machine.expect(r"^echoed (\d+) bytes in \d+ ms: (.*)\n")
        assert (int(done[1]), done[2]) == (10000, "the host closed it")
        shared.wait_prompt()


def test_host_that_does_not_read_holds_the_writer_back(shared):
    """What is not read is not lost, nor is there ever more of it on its way
    than the buffers hold."""
    with HostPort(shared.path) as host:
        wait_port(shared, f"{ECHO} host open")
        size = 4 << 20
        begin(shared, f"port echo {ECHO} {size}")
        data = random.Random(1).randbytes(size)
        host.socket.settimeout(0.5)
        sent = 0
        with pytest.raises(TimeoutError):
            while sent < size:
                sent += host.socket.send(data[sent:sent + 65536])
        assert 0 < sent < size
        host.socket.settimeout(10)
        back = host.read(sent - 1)
        assert back == data[:sent - 1]
        back = host.echo(data[sent:])
        host.read(1)
        shared.machine.expect(rf"^echoed {size} bytes in \d+ ms: done\n")
        shared.wait_prompt()


def test_names_that_are_not_there_and_ports_in_use(shared):
    assert "error -2" in shared.run("port cat org.nobody")
    assert "error -16" in shared.run("port cat virtio0.0")
    assert "usage" in shared.run("port").lower()
    assert "usage" in shared.run(f"port dance {ECHO}").lower()


def test_ports_come_and_go_also_while_they_are_open(shared, tmp_path):
    qmp = shared.machine.qmp
    for turn in range(3):
        path = tmp_path / f"late{turn}"
        add_chardev(qmp, f"late{turn}", path)
        qmp.command("device_add", driver="virtserialport", id="late",
                    bus="vs.0", chardev=f"late{turn}", name="org.late")
        wait_port(shared, "org.late host closed")
        with HostPort(path) as host:
            wait_port(shared, "org.late host open")
            begin(shared, "port echo org.late")
            assert host.echo(b"y" * 5000) == b"y" * 5000
            qmp.command("device_del", id="late")
            done = shared.machine.expect(r"^echoed 5000 bytes .* ms: (.*)\n")
            assert done[1] in ("the port is gone", "the host closed it")
        shared.wait_prompt()
        assert "org.late" not in shared.run("ports")


def test_console_port_comes_and_goes(shared, tmp_path):
    qmp = shared.machine.qmp
    for turn in range(2):
        path = tmp_path / f"hvc{turn}"
        add_chardev(qmp, f"hvc{turn}", path)
        qmp.command("device_add", driver="virtconsole", id="hvc",
                    bus="vs.0", chardev=f"hvc{turn}")
        with HostPort(path) as host:
            wait_port(shared, "console hvc1")
            # It is a console as the others: what is typed there is run.
            host.send(b"uptime\r")
            line = ""
            while not line.startswith("up 0:"):
                line = host.read_line()
            shared.machine.expect("^up 0:")
            shared.wait_prompt()
            qmp.command("device_del", id="hvc")
            limit = time.monotonic() + 10
            while "console hvc1" in shared.run("ports"):
                assert time.monotonic() < limit


def test_driver_is_taken_away_and_comes_back(shared):
    with HostPort(shared.path) as host:
        for _ in range(2):
            wait_port(shared, f"{ECHO} host open")
            check_echo(shared, host, 100000)
            assert "error" not in shared.run("unbind virtio0")
            assert ports(shared) == {}
            assert "error" not in shared.run("bind virtio0")


def test_self_tests_of_ports_and_memory_pass_beside_them(shared):
    shown = shared.run("selftest port,random", 30)
    assert re.search(r"# Totals: pass:\d+ fail:0 ", shown)


def test_panic_is_printed_without_interrupts(boot_with):
    guest = boot_with("x86", f"{HVC_ONLY} panic=-1",
                      PCI, "virtconsole,chardev=terminal", smp=2)
    guest.wait_prompt()
    guest.type("crash null\r")
    guest.machine.expect(r"^\[.*---\[ end of panic: .* \]---")
    guest.machine.wait_exit(10)


def test_early_console_is_followed_by_hvc0_without_a_gap(boot_with):
    guest = boot_with("x86", f"{HVC_ONLY} {EARLY}", MMIO,
                      "virtconsole,chardev=terminal,bus=vs.0", **MICROVM)
    guest.wait_prompt()
    for once in ("Zirvium ", "Hypervisor: QEMU", "is console hvc0"):
        assert guest.machine.text.count(once) == 1
    assert guest.run("uptime").startswith("up 0:")


# An allocation among the many that the driver's start makes.
NO_MEMORY = "fail_alloc=160"


def test_early_console_goes_on_where_there_is_no_driver(boot_with):
    guest = boot_with("x86", f"{HVC_ONLY} {EARLY} exit {NO_MEMORY}", MMIO,
                      "virtconsole,chardev=terminal,bus=vs.0", **MICROVM)
    guest.machine.expect("virtio-console does not drive it: error 12")
    assert guest.machine.wait_exit(10) == EXIT_SUCCESS
    assert guest.machine.text.count("Zirvium ") == 1


def test_early_console_that_is_none_is_said(boot):
    guest = boot(f"{SHELL_ONLY} earlycon=virtio,0xfee00000").wait_prompt()
    assert "no virtio console with emergency writes" in guest.machine.text
