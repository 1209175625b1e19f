"""ARC solver programs as a build: text to generated code to one linked battery to verdicts.

The map of the house. A package imports only from those to its left (`tests/test_house.py` enforces
it from the imports), and there is one place for each addition:

    system < diagnostics < ir < primitives < data < frontend < passes < config < oracle < kernels
    < engine < cluster < codegen < battery < trust < search < incremental < measuring < report
    < commands < dodo.py

    system        what the machine gives: files written whole or not at all, stamps, records, a
                  cache, a lock, fingerprints of sources, processes, progress and tables; what a
                  user can cause as an exception with its exit status
    diagnostics   Span, Diagnostic, render: what is wrong, and where
    ir            types, statuses and limits, nodes and their text, what must hold of a graph
    primitives    the 160 primitives: a row each (`row` says what a row is, `table` has them all),
                  reference and row function; `words` says what row functions see
    data          wheels fetched by hash, ARC tasks and those in files of the user's, the corpus;
                  `drawn`: more samples of a task
    frontend      text to units to `Program`; nothing is imported or run
    passes        resolve, infer, flatten, intern: `Program` to flattened graph
    config        the knobs of `config.yaml`, YAML with positions, where the solvers are; the
                  context that a command is handed
    oracle        the direct interpreter; the reference runtime and its columns
    kernels       heap, loops, team, driver and `structure`: what runs; `names`, `jit`, `store`
                  and `processor`: how it is called, compiled, kept and loaded
    engine        a battery as instructions and as an image; blocks of lanes; `cpu`, `auto`; `cuda`
                  with all that takes a GPU
    cluster       blocks of lanes on the workers of a Dask cluster
    codegen       compile (one solver), emit, link (the battery), schedule (its groups)
    battery       batteries on backends and devices; check, matrix, stress and their results
    trust         random `programs`; `agreement`: who is compared with whom; `diagnosis`
    search        programs that nobody wrote: drafts of typed lines, edits, populations, the loop
                  and its store
    incremental   what is up to date, and how what is not is built; what doit has no way to do
    measuring     the whole way on a clock; what changed; from where on a GPU wins
    report        what users read: text, the page of `doit report`, two of docs/
    commands      what the tasks of `dodo.py` do; `bundle`: the one for an offline notebook

The way of one solver, as calls:

    units, found = frontend.units.split_units(corpus, path, data)
    compiled = codegen.compile.compile_unit(unit)          # code, map, graph, or diagnostics
    linked = codegen.link.link([(name, graph), ...])       # batt.py and its image
    battery = battery.batteries.battery_of(linked.code)    # or CompiledBattery(linked.image, ...)
    results = battery.check_workload.run_check(battery, tasks, limits)

The same in memory, for who imports this package (`docs/in-memory.md`; these names are stable):

    scores = pipeline.evaluate(programs, samples)         # or a Battery, which stays ready

`docs/semantics.md` says what a solver means; each module's docstring says what it decides and why.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.battery.arguments import load_tasks
    from pipeline.battery.resident import Battery, evaluate
    from pipeline.battery.scores import Scores
    from pipeline.config.config import Config
    from pipeline.data.grid_html import show
    from pipeline.data.tasks import DataError, Sample, Task
    from pipeline.diagnostics import Diagnostic, Invalid
    from pipeline.frontend.parse import parse
    from pipeline.frontend.program import Program
    from pipeline.ir.status import Limits

__all__ = [
    "Battery",
    "Config",
    "DataError",
    "Diagnostic",
    "Invalid",
    "Limits",
    "Program",
    "Sample",
    "Scores",
    "Task",
    "evaluate",
    "load_tasks",
    "parse",
    "show",
]

_PLACES = {
    "Battery": "battery.resident",
    "Config": "config.config",
    "DataError": "data.tasks",
    "Diagnostic": "diagnostics",
    "Invalid": "diagnostics",
    "Limits": "ir.status",
    "Program": "frontend.program",
    "Sample": "data.tasks",
    "Scores": "battery.scores",
    "Task": "data.tasks",
    "evaluate": "battery.resident",
    "load_tasks": "battery.arguments",
    "parse": "frontend.parse",
    "show": "data.grid_html",
}
"""Where each name of the API is: it is imported when it is first asked for, as `dodo.py` imports
this package too and wants none of it.
"""


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
