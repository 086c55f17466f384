# SPDX-License-Identifier: BSD-2-Clause
"""Runs programs for the lab's tests in L1, one at a time for each port.

A port is a virtio serial port; on its other end is remote.py. Both speak lines
of JSON: an object with the number of a "job" and one more member.

    to the agent    "run": arguments, with "limit": seconds
                    "in", "qmp": text for the program; null ends it
    from the agent  "out", "err", "qmp": text from the program
                    "exit": its status, as a shell would say it

Text is bytes as Latin-1. A program ends with its limit, with its port's other
end, and with the next "run". "{QMP}" in an argument becomes the number of a
file descriptor: the program's end of a socket for "qmp".
"""

import glob
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time

READ_SIZE = 65536
POLL_MS = 1000
EXIT_GRACE = 5.0  # seconds
WRITE_LIMIT = 20.0  # seconds
RECONNECT_GRACE = 1.0  # seconds
RECONNECT_POLL = 0.05  # seconds


class Gone(Exception):
    """Nobody is at the port's other end."""


class Port:
    """Lines of JSON over a virtio serial port."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._partial = b""
        self._lines = []
        # Edge-triggered: a port that nobody is connected to always "hangs up".
        self.events = select.epoll()
        self.events.register(self.fd, select.EPOLLIN | select.EPOLLET)

    def fill(self):
        """Take what has arrived; False if nobody is at the other end."""
        while True:
            try:
                data = os.read(self.fd, READ_SIZE)
            except BlockingIOError:
                return True
            if not data:
                return False
            *whole, self._partial = (self._partial + data).split(b"\n")
            self._lines += whole

    def abandoned(self):
        """Whether nobody is at the other end, and nobody comes soon.

        Linux learns who is there later than it gets what they say: after the
        first words of a new peer it may still see the old one leave.
        """
        poll = select.poll()
        poll.register(self.fd, 0)
        limit = time.monotonic() + RECONNECT_GRACE
        while poll.poll(0):
            if time.monotonic() > limit:
                return True
            time.sleep(RECONNECT_POLL)
        return False

    def messages(self):
        """What has arrived. Lines that are cut belong to an earlier peer."""
        while self._lines:
            try:
                message = json.loads(self._lines.pop(0))
            except ValueError:
                continue
            if isinstance(message, dict):
                yield message

    def send(self, **message):
        self.write(json.dumps(message).encode() + b"\n")

    def write(self, data):
        """Gone, too, if the other end takes nothing for long."""
        limit = time.monotonic() + WRITE_LIMIT
        while data:
            try:
                data = data[os.write(self.fd, data) :]
                continue
            except BlockingIOError:
                pass
            poll = select.poll()
            poll.register(self.fd, select.POLLOUT)
            poll.poll(POLL_MS)
            if self.abandoned() or time.monotonic() > limit:
                raise Gone


class Sink:
    """A file descriptor of a program that may not take all that is for it."""

    def __init__(self, fd, poll):
        self.fd = fd
        self.poll = poll
        self.pending = b""
        self.ending = False
        self.watched = False
        os.set_blocking(fd, False)

    def put(self, text):
        """Have @text written when there is room; None: and then the end."""
        self.pending += text.encode("latin-1") if text else b""
        self.ending = self.ending or text is None
        self.write()

    def write(self):
        try:
            while self.pending and self.fd >= 0:
                self.pending = self.pending[os.write(self.fd, self.pending) :]
        except BlockingIOError:
            self.watch(True)
            return
        except OSError:
            self.ending = True  # nobody reads it any more
        self.watch(False)
        if self.ending:
            self.close()

    def watch(self, wanted):
        """Have the poll tell of room, or not even of errors."""
        if wanted and not self.watched:
            self.poll.register(self.fd, select.POLLOUT)
        elif self.watched and not wanted:
            self.poll.unregister(self.fd)
        self.watched = wanted

    def close(self):
        self.watch(False)
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1


class Job:
    """A running program and its streams."""

    def __init__(self, port, message):
        self.port = port
        self.number = message["job"]
        self.deadline = time.monotonic() + message["limit"]
        self.qmp, theirs = socket.socketpair()
        fd = str(theirs.fileno())
        arguments = [a.replace("{QMP}", fd) for a in message["run"]]
        # What a program leaves running would keep its end open.
        wanted = arguments != message["run"]
        try:
            self.process = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()] if wanted else [],
                start_new_session=True,
            )
        finally:
            theirs.close()
        self.streams = {
            self.process.stdout.fileno(): "out",
            self.process.stderr.fileno(): "err",
            self.qmp.fileno(): "qmp",
        }
        self.poll = select.poll()
        for fd in self.streams:
            self.poll.register(fd, select.POLLIN)
        self.poll.register(port.events.fileno(), select.POLLIN)
        self.sinks = {
            "in": Sink(os.dup(self.process.stdin.fileno()), self.poll),
            "qmp": Sink(os.dup(self.qmp.fileno()), self.poll),
        }
        self.process.stdin.close()

    def run(self):
        """Carry text until the program has ended; a "run" that came instead."""
        try:
            # What came together with the "run" raises no event any more.
            if (message := self.obey()) is not None:
                return message
            while self.streams and time.monotonic() < self.deadline:
                for fd, _ in self.poll.poll(POLL_MS):
                    if (message := self.serve(fd)) is not None:
                        return message
        finally:
            status = self.end()
        status = status if status >= 0 else 128 - status
        self.port.send(job=self.number, exit=status)
        return None

    def serve(self, fd):
        """Do what @fd is ready for; a "run" that has arrived."""
        if fd in self.streams:
            self.forward(fd)
        elif fd == self.port.events.fileno():
            return self.obey()
        for sink in self.sinks.values():
            if fd == sink.fd:
                sink.write()
        return None

    def forward(self, fd):
        try:
            data = os.read(fd, READ_SIZE)
        except ConnectionResetError:
            data = b""
        if not data:
            del self.streams[fd]
            self.poll.unregister(fd)
            return
        text = data.decode("latin-1")
        self.port.send(job=self.number, **{self.streams[fd]: text})

    def obey(self):
        """Do what has arrived from the other end, or return a "run"."""
        self.port.events.poll(0)
        connected = self.port.fill()
        for message in self.port.messages():
            if "run" in message:
                return message
            if message.get("job") == self.number:
                self.feed(message)
        if not connected and self.port.abandoned():
            raise Gone
        return None

    def feed(self, message):
        for name, sink in self.sinks.items():
            if name in message:
                sink.put(message[name])

    def end(self):
        """Kill what still runs of the program; its exit status."""
        if self.process.poll() is None and not self.streams:
            # It closed its output: it is about to end by itself.
            try:
                self.process.wait(EXIT_GRACE)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # all of it has ended
        self.close()
        return self.process.wait()

    def close(self):
        for sink in self.sinks.values():
            sink.close()
        for stream in (self.process.stdout, self.process.stderr, self.qmp):
            stream.close()


def perform(port, message):
    """Run one job; the next one's message if it is known already."""
    # What an earlier job left in the middle of a line ends here.
    port.write(b"\n")
    try:
        return Job(port, message).run()
    except OSError as error:
        port.send(job=message["job"], err=f"lab: {error}\n")
        port.send(job=message["job"], exit=127)
    return None


def serve(path):
    port = Port(path)
    waiting = None
    while True:
        try:
            while waiting:
                waiting = perform(port, waiting)
        except Gone:
            waiting = None
        port.events.poll()
        port.fill()
        for message in port.messages():
            if "run" in message:
                waiting = message
                break


def main():
    ports = sorted(glob.glob("/dev/vport*p*"))
    for path in ports[1:]:
        if os.fork() == 0:
            serve(path)
    print(f"lab: ready after {time.monotonic():.1f} s", flush=True)
    if not ports:
        sys.exit("lab: no ports")
    serve(ports[0])


if __name__ == "__main__":
    main()
