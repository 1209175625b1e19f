"""The graphs of generated solvers: from this run, from the cache, or by compiling once more.

A graph is found by the digest of the code that was generated with it. No file of `generated/` holds
it, so that what is missing here, as the cache forgot or lost it, costs time and is no error.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.config.paths import code_path
from pipeline.incremental.plan import BuildError
from pipeline.incremental.session import Session
from pipeline.system.stamp import digest


def graphs_of(session: Session, solvers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Name and graph of solvers, given by name and digest of their code; raises BuildError."""
    keys = {name: session.plan.graph_key(code) for name, code in solvers}
    made = session.graphs()
    found = {name: made[name] for name in keys if name in made}
    kept = session.objects.get_all([key for name, key in keys.items() if name not in found])
    found |= {name: kept[key][0] for name, key in keys.items() if key in kept}
    lacking = [(name, code) for name, code in solvers if name not in found]
    if lacking:
        found |= _compiled(session, lacking)
    return [(name, found[name]) for name, _ in solvers]


def _compiled(session: Session, solvers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The graphs of solvers, compiled from their sources, and kept."""
    plan, found = session.plan, {}
    units = [plan.unit(name) for name, _ in solvers]
    compiled = session.generator.compilers.compile_all(units)
    for (name, code), made in zip(solvers, compiled, strict=True):
        if made.code is None or digest(made.code.encode()) != code:
            raise BuildError(f"{code_path(name)} is not what its source gives: run again")
        session.objects.put(plan.graph_key(code), (made.graph,))
        found[name] = made.graph
    return found
