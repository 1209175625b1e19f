"""The stages of `gpu_first`, with few random programs."""

from __future__ import annotations

import sys
from pathlib import Path

from pipeline.commands import gpu_stages


def main() -> int:
    """Run a stage; its status."""
    gpu_stages.PROGRAMS = 24  # type: ignore[misc]
    return gpu_stages.main(sys.argv[1], Path(sys.argv[2]))


if __name__ == "__main__":
    sys.exit(main())
