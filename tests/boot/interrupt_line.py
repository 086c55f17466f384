# SPDX-License-Identifier: BSD-2-Clause
"""A wire into the interrupt controller of QEMU's arm64 machine."""

import socket


class InterruptLine:
    """By QEMU's test protocol. `options` have QEMU listen for it."""

    def __init__(self, path):
        self.path = str(path)
        self.options = ("-qtest", f"unix:{path},server=on,wait=off",
                        "-qtest-log", "none")

    def _controller(self, qmp) -> str:
        parent = "/machine/unattached"
        for child in qmp.command("qom-list", path=parent):
            if child["type"] in ("child<arm_gic>", "child<arm-gicv3>"):
                return f"{parent}/{child['name']}"
        raise AssertionError("no interrupt controller")

    def pulse(self, qmp, number: int):
        """Raise and lower shared peripheral interrupt @number."""
        controller = self._controller(qmp)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.path)
            with connection.makefile("rw") as file:
                for level in (1, 0):
                    file.write(f"set_irq_in {controller} unnamed-gpio-in "
                               f"{number} {level}\n")
                    file.flush()
                    assert file.readline().startswith("OK")
