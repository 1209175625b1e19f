"""Stages of `gpu_first` that end in several ways, and take nothing to begin."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def main(stage: str, facts: Path) -> int:
    """Run one."""
    print("begun", flush=True)
    if stage == "hang":
        time.sleep(3600)
    if stage == "die":
        os._exit(7)
    facts.write_text('{"differing": 3}' if stage == "differ" else "{}")
    return int(stage == "differ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
