# SPDX-License-Identifier: BSD-2-Clause
"""Debian packages, downloaded and unpacked without being installed.

A package that is in the cache already is used as it is, and nothing is asked
of the network: remove the cache to get newer ones.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

DOWNLOAD_SECONDS = 300
# A mirror that does not answer is given up soon.
APT_OPTIONS = ("-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=15")
LOOKUP_SECONDS = 30
UNPACK_SECONDS = 120


class Unavailable(Exception):
    """Something the lab needs cannot be had here; the message says why."""


def run(command: list[str], seconds: float, cwd: Path | None = None) -> str:
    """The output of @command; Unavailable, with its last words, if it fails."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{command[0]}: {error}") from error
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it does not say why"]
        raise Unavailable(f"{' '.join(command[:2])}: {said[-1]}")
    return done.stdout


@contextmanager
def locked(path: Path):
    """Keep other processes out while something at @path is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# What apt takes a release of Debian's from that is not this machine's own.
SUITE = """Types: deb
URIs: http://deb.debian.org/debian
Suites: {suite}
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


class Cache:
    """Packages in a directory, each fetched when it is first asked for.

    With @architecture, Debian's name of one that is not this machine's, or
    @suite, a release of Debian's that is not, it has lists of packages of its
    own, which are fetched once.
    """

    def __init__(self, directory: Path, architecture: str = "", suite: str = ""):
        self.directory = directory
        self.options: list[str] = []
        self._lists = directory / "lists"
        self._suite = suite
        if suite:
            self.options = [
                *("-o", f"Dir::Etc::sourcelist={directory / 'suite.sources'}"),
                *("-o", "Dir::Etc::sourceparts=/dev/null"),
                # A mirror of long ago serves as well.
                *("-o", "Acquire::Check-Valid-Until=false"),
            ]
        if architecture:
            self.options += [
                *("-o", f"APT::Architecture={architecture}"),
                *("-o", f"APT::Architectures={architecture}"),
                *("-o", f"Dir::State::Lists={self._lists}"),
                *("-o", f"Dir::Cache={directory / 'apt'}"),
                *("-o", "Dir::State::status=/dev/null"),
                *("-o", "APT::Sandbox::User=root"),
                *("-o", "Acquire::Languages=none"),
            ]

    def _ask(self, command: list[str], seconds: float, cwd=None) -> str:
        """What apt says to @command; the lists are there."""
        complete = self._lists / "complete"
        if self.options and not complete.exists():
            (self._lists / "partial").mkdir(parents=True, exist_ok=True)
            archives = self.directory / "apt" / "archives" / "partial"
            archives.mkdir(parents=True, exist_ok=True)
            if self._suite:
                text = SUITE.format(suite=self._suite)
                (self.directory / "suite.sources").write_text(text)
            update = ["apt-get", "update", "-q", *self.options, *APT_OPTIONS]
            run(update, DOWNLOAD_SECONDS)
            complete.touch()
        return run([*command, *self.options], seconds, cwd)

    def dependencies(self, package: str, pattern: str) -> list[str]:
        """What @package depends on, of names that match @pattern."""
        said = self._ask(["apt-cache", "depends", package], LOOKUP_SECONDS)
        names = re.findall(r"Depends: (\S+)", said)
        found = [name for name in names if re.fullmatch(pattern, name)]
        if not found:
            raise Unavailable(f"Debian's package {package} has no {pattern}")
        return found

    def dependency(self, package: str, pattern: str) -> str:
        """The first that @package depends on whose name matches @pattern."""
        return self.dependencies(package, pattern)[0]

    def with_dependencies(self, names: tuple[str, ...]) -> list[Path]:
        """@names and all that they need, of an architecture that is not ours.

        What is there already from an earlier time is not asked for again.
        """
        return self.closure("-".join(names), lambda: names)

    def closure(self, place_name: str, find_names) -> list[Path]:
        """As with_dependencies(), kept in @place_name.

        If there is nothing yet, find_names() says what apt shall download.
        """
        with locked(self.directory / "download"):
            place = self.directory / place_name
            if not place.exists():
                names = find_names()
                command = ["apt-get", "install", "-q", "-y", "--download-only"]
                command += ["--no-install-recommends", *names, *APT_OPTIONS]
                self._ask(command, DOWNLOAD_SECONDS)
                archives = self.directory / "apt" / "archives"
                shutil.rmtree(archives / "partial")
                (archives / "lock").unlink(missing_ok=True)
                archives.rename(place)
            return sorted(place.glob("*.deb"))

    def package(self, pattern: str, find_name) -> Path:
        """A package whose file matches @pattern, e.g. "busybox-static_*.deb".

        If there is none yet, find_name() is what apt shall download.
        """
        with locked(self.directory / "download"):
            return self._newest(pattern) or self._download(pattern, find_name)

    def _newest(self, pattern: str) -> Path | None:
        found = self.directory.glob(pattern)
        return max(found, key=lambda path: path.stat().st_mtime, default=None)

    def _download(self, pattern: str, find_name) -> Path:
        # A download that was interrupted leaves nothing in the cache.
        partial = self.directory / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        name = find_name()
        command = ["apt-get", "download", "-q", name, *APT_OPTIONS]
        self._ask(command, DOWNLOAD_SECONDS, partial)
        for path in partial.glob("*.deb"):
            path.rename(self.directory / path.name)
        shutil.rmtree(partial)
        path = self._newest(pattern)
        if path is None:
            raise Unavailable(f"apt-get download {name} brought no {pattern}")
        # So that a newer one is told from an older one by when it came.
        os.utime(path)
        return path


def unpack(package: Path, directory: Path):
    """Unpack @package into @directory, which may be new."""
    run(["dpkg-deb", "-x", str(package), str(directory)], UNPACK_SECONDS)


def fingerprint(
    packages: list[Path], sources: list[Path], words: str = ""
) -> str:
    """A name for what is made of these: package versions, file contents."""
    digest = hashlib.sha256(words.encode())
    for package in packages:
        digest.update(package.name.encode() + b"\0")
    for source in sources:
        digest.update(source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
