# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures of the build system's tests."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "scripts")]

from project import Project  # noqa: E402


@pytest.fixture
def project(tmp_path):
    """A small tree, not built yet."""
    return Project(tmp_path / "project")


@pytest.fixture
def built(project):
    """The small tree, built."""
    project.build()
    return project
