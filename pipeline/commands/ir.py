"""The command `ir`: print a solver's graph after a pass."""

from __future__ import annotations

import sys

from pipeline.config.context import Context
from pipeline.config.solvers import find_units, read_lines
from pipeline.diagnostics import render_all
from pipeline.frontend.parse import parse_unit
from pipeline.ir.text import print_graph
from pipeline.passes import STAGES, run_passes


def print_ir(context: Context, solver: str, after: str) -> int:
    """Print a solver's IR after a pass; 0 if there is one."""
    if not solver:
        print("which solver? `doit ir --solver CORPUS/ID`", file=sys.stderr)
        return 2
    if after and after not in STAGES:
        print(f"no pass {after!r}; there are {', '.join(STAGES)}", file=sys.stderr)
        return 2
    config = context.config
    units = find_units(config, solver)
    if not units:
        print(f"no solver {solver!r} in the corpora of config.yaml", file=sys.stderr)
        return 2
    program, found = parse_unit(units[0])
    graph = None
    if program is not None:
        stage = after or STAGES[-1]
        graph, found = run_passes(program, config.program.max_nodes, stage, verified=True)
    if graph is None:
        path = units[0].path
        print(render_all(found, {path: read_lines(path)}), file=sys.stderr)
        return 1
    print(print_graph(graph))
    return 0
