"""The stages of `gpu_first` with the small battery's tasks."""

from __future__ import annotations

import sys
from pathlib import Path

from pipeline.battery import opening
from pipeline.commands import gpu_stages
from tests.battery.small import TASKS


def main() -> int:
    """Run a stage; its status."""
    for module in (opening, gpu_stages):
        module.load_tasks = lambda name, cache: TASKS  # type: ignore[attr-defined]
    gpu_stages.PROGRAMS = 24  # type: ignore[misc]
    return gpu_stages.main(sys.argv[1], Path(sys.argv[2]))


if __name__ == "__main__":
    sys.exit(main())
