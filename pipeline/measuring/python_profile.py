"""Python's own profile of code generation: the phases `generate` and `link`, once more, under
cProfile, which makes them about twice as slow: what it says is where, not how long.
"""

from __future__ import annotations

import cProfile
import io
import marshal
import pstats
from collections.abc import Sequence
from pathlib import Path

from pipeline.codegen.compile import compile_unit
from pipeline.codegen.link import link
from pipeline.config.config import Config
from pipeline.config.solvers import all_units
from pipeline.measuring.python_costs import FunctionCost, function_costs
from pipeline.system.atomic import write_atomic
from pipeline.system.package import PACKAGE


def profile_python(config: Config, names: Sequence[str], path: Path) -> list[FunctionCost]:
    """Profile the compiler on these solvers; what it found is written, and given, dearest first."""
    watch = cProfile.Profile()
    watch.runcall(_generate, config, names)
    stats = pstats.Stats(watch, stream=io.StringIO())
    write_atomic(path, marshal.dumps(stats.stats))  # type: ignore[attr-defined]  # as dump_stats
    return function_costs(stats, PACKAGE.parent)


def _generate(config: Config, names: Sequence[str]) -> None:
    units = all_units(config)
    compiled = [(name, compile_unit(units[name], config.program.max_nodes)) for name in names]
    link((name, unit.graph) for name, unit in compiled)
