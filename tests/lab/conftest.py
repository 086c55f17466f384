# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures of the lab: hypervisors that run, and guests in them.

A hypervisor that cannot be had here skips its tests, with the reason.
"""

import importlib.util
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


def _load_boot_fixtures():
    """The boot tests' fixtures; "conftest" is a name that we have as well."""
    path = HERE.parent / "boot" / "conftest.py"
    spec = importlib.util.spec_from_file_location("boot_fixtures", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)


_load_boot_fixtures()

pytest_plugins = ("legs",)

import nested  # noqa: E402
import xen  # noqa: E402
from boot_fixtures import (  # noqa: E402, F401
    arm64_image,
    arm64_initrd,
    initrd,
    kernel,
    machines_of,
    make_iso,
    pytest_runtest_makereport,
    start,
    starter,
    uefi,
)
from kvm import GUEST, KVM  # noqa: E402
from kvm_arm64 import GUEST_ARM64, KVM_ARM64  # noqa: E402
from packages import Unavailable  # noqa: E402
from paths import LAB, LOGS  # noqa: E402
from zirvium import Guest  # noqa: E402

SESSION_SECONDS = 900.0  # for all guests of one hypervisor together
# An emulated serial port of Xen's takes a millisecond for each byte.
XEN_HVM_WORDS = f"{xen.SOME_TESTS} console=hvc0"
GUEST_SECONDS = 300.0  # more than any test gives its guest

# Words before a program, all of whose threads then have one CPU. Not every
# machine here has taskset.
PIN = "import os, sys; os.sched_setaffinity(0, {0}); os.execvp(sys.argv[1], sys.argv[1:])"
ON_ONE_CPU = ("/usr/bin/python3", "-I", "-S", "-c", PIN)


def pytest_configure():
    """A run that is told to end gives back its machines before it does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))


def host(flavour, directory=LAB):
    """Where @flavour's guests run; skips where it cannot be had."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    log = LOGS / f"l1-{flavour.name}{worker}.log"
    try:
        image = nested.prepare(flavour, directory)
        return nested.Host(flavour, image, log, timeout=SESSION_SECONDS)
    except Unavailable as error:
        pytest.skip(f"no lab for {flavour.name}: {error}")


@pytest.fixture(scope="session")
def kvm():
    """Where QEMU has KVM."""
    with host(KVM) as kvm_host:
        yield kvm_host


@pytest.fixture(scope="session")
def kvm_arm64(arm64_image):
    """Where QEMU has KVM on arm64."""
    with host(KVM_ARM64) as kvm_host:
        yield kvm_host


def guests_of(node, where, *words):
    """A function that starts a Machine in @where, killed after the test.

    @words are those of a program there that runs it.
    """
    yield starter(node, via=(*where.l1().remote(GUEST_SECONDS), *words))
    for machine in machines_of(node):
        machine.close()


@pytest.fixture
def start_in_kvm(request, kvm):
    """start_in_kvm(config): as start, in the machine with KVM."""
    yield from guests_of(request.node, kvm)


@pytest.fixture(scope="module")
def module_start_in_kvm(request, kvm):
    """As start_in_kvm, for a machine that the tests of a module share."""
    yield from guests_of(request.node, kvm)


def booter(start, kernel, initrd):
    def run(append: str = "", **options) -> Guest:
        files = {"kernel": kernel, "initrd": initrd}
        options = {**files, "append": append, **GUEST, **options}
        return Guest.start(start, **options)

    return run


@pytest.fixture
def boot(start_in_kvm, kernel, initrd):
    """boot(append, **config): a Guest in KVM that is booting through PVH."""
    return booter(start_in_kvm, kernel, initrd)


@pytest.fixture
def boot_on_one_cpu(request, kvm, kernel, initrd):
    """As boot, with all of the guest's CPUs on one of the host's."""
    for start in guests_of(request.node, kvm, "/usr/bin/taskset", "-c", "0"):
        yield booter(start, kernel, initrd)


@pytest.fixture(scope="module")
def module_boot(module_start_in_kvm, kernel, initrd):
    """As boot, for a Guest that the tests of a module share."""
    return booter(module_start_in_kvm, kernel, initrd)


@pytest.fixture
def start_in_kvm_arm64(request, kvm_arm64):
    """As start_in_kvm, on arm64."""
    yield from guests_of(request.node, kvm_arm64)


@pytest.fixture
def arm64_files(arm64_image, arm64_initrd):
    """The kernel and its modules where a machine sees them: copies."""
    files = LOGS / "arm64"
    files.mkdir(parents=True, exist_ok=True)
    copies = {"kernel": Path(shutil.copy(arm64_image, files))}
    if arm64_initrd:
        copies["initrd"] = Path(shutil.copy(arm64_initrd, files))
    return copies


def booter_arm64(start, files):
    def run(append: str = "", **options) -> Guest:
        options = {**files, "append": append, **GUEST_ARM64, **options}
        return Guest.start(start, **options)

    return run


@pytest.fixture
def boot_arm64(start_in_kvm_arm64, arm64_files):
    """As boot, on arm64: its machine sees no files here but copies."""
    return booter_arm64(start_in_kvm_arm64, arm64_files)


@pytest.fixture
def boot_arm64_on_one_cpu(request, kvm_arm64, arm64_files):
    """As boot_arm64, with all of the guest's CPUs on one of the host's."""
    for start in guests_of(request.node, kvm_arm64, *ON_ONE_CPU):
        yield booter_arm64(start, arm64_files)


@pytest.fixture
def boot_iso(start_in_kvm, make_iso):
    """boot_iso(append, **config): a Guest in KVM, booting from an ISO."""

    def run(append: str = "", **options) -> Guest:
        options = {"cdrom": make_iso(append), **GUEST, **options}
        return Guest.start(start_in_kvm, **options)

    return run


# Xen on x86.


@pytest.fixture(scope="session")
def xen_image():
    """Xen with its dom0, to be restored."""
    try:
        return xen.prepare(LAB)
    except Unavailable as error:
        pytest.skip(f"no lab for Xen: {error}")


@pytest.fixture(scope="module")
def module_dom0(request, xen_image, kernel, initrd, make_iso):
    """Xen and its dom0 with tools and files for guests, for a module."""
    files = {"zirvium.elf": kernel, "zirvium.iso": make_iso(XEN_HVM_WORDS)}
    if initrd:
        files["initrd.cpio"] = initrd
    log = LOGS / f"{request.node.name.removesuffix('.py')}-dom0.log"
    with xen.Dom0(xen_image, log, files) as dom0:
        machines_of(request.node).append(dom0.machine)
        yield dom0


@pytest.fixture
def dom0(request, module_dom0):
    """The same; the guest of a test ends with it."""
    yield module_dom0
    module_dom0.destroy("guest")


@pytest.fixture
def guest_of_xen(request, dom0):
    """guest_of_xen(**config): a Guest of Xen, as xl.cfg(5) calls @config."""

    def run(**config) -> Guest:
        dom0.create("guest", **config)
        console = dom0.console("guest")
        machines_of(request.node).append(console)
        return Guest(console)

    return run


@pytest.fixture
def pvh(guest_of_xen, initrd):
    """pvh(append, **config): a PVH guest of Xen."""
    files = {"kernel": "/lab/zirvium.elf"}
    if initrd:
        files["ramdisk"] = "/lab/initrd.cpio"

    def run(append: str, **config) -> Guest:
        return guest_of_xen(type="pvh", cmdline=append, **files, **config)

    return run


@pytest.fixture
def hvm(guest_of_xen):
    """hvm(**config): an HVM guest of Xen, from an ISO with self-tests."""

    def run(**config) -> Guest:
        return guest_of_xen(type="hvm", **xen.HVM, **config)

    return run
