"""The command `found`: what searches found."""

from __future__ import annotations

import sys

from pipeline.commands.search import store_of
from pipeline.config.context import Context
from pipeline.report.search_text import print_found


def found(context: Context, task: str, run: int, texts: bool) -> int:
    """Print the programs of a run, or of all of them (0), or their texts. 0, or 2 where there is
    no such run.
    """
    store = store_of(context.config)
    states = store.runs()
    if run and run not in {state.id for state in states}:
        there = ", ".join(str(state.id) for state in states) or "none"
        print(f"no run {run}; there are {there}", file=sys.stderr)
        return 2
    print_found(store.found(run or None, task), texts)
    store.close()
    return 0
