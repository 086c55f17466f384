# SPDX-License-Identifier: BSD-2-Clause
"""Where things are."""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = Path(os.environ.get("ZIRVIUM_BUILD", ROOT / "build" / "x86"))
LOGS = BUILD / "test-logs"
ARM64_BUILD = Path(
    os.environ.get("ZIRVIUM_ARM64_BUILD", ROOT / "build" / "arm64")
)
LAB = ROOT / "build" / "lab"
