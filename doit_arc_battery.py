"""The commands that doit has of us: loaded by doit, from any folder, before it looks for `dodo.py`.

Entry points reach every project that doit builds with this installation. So this takes our command
only where the nearest `dodo.py` is that of a checkout of ours, and then the one of that checkout,
whichever is installed; elsewhere doit's own.
"""

from __future__ import annotations

import os
import sys
from typing import Any

PLACE = os.path.join("pipeline", "commands", "doit_commands.py")


def __getattr__(name: str) -> Any:
    """The command of this name: `run = "doit_arc_battery:Run"` in pyproject.toml."""
    from doit import doit_cmd

    if not hasattr(doit_cmd, name):
        raise AttributeError(name)
    root = _root()
    if root is None or not os.path.exists(os.path.join(root, PLACE)):
        return getattr(doit_cmd, name)
    if root not in sys.path:
        sys.path.insert(0, root)
    from pipeline.commands import doit_commands

    return doit_commands.COMMANDS[name]


def _root() -> str | None:
    """The nearest folder upwards that has a `dodo.py`."""
    folder = os.getcwd()
    while not os.path.exists(os.path.join(folder, "dodo.py")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder
