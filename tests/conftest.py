"""For all tests: random examples take the time that they take, however busy the machine is, and
compiled kernels are those of the repository, wherever a test runs.
"""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

KERNELS = Path(__file__).resolve().parents[1] / ".cache" / "kernels"
os.environ.setdefault("ARC_KERNELS", str(KERNELS))  # before the module that reads it is imported
