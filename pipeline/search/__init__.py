"""Programs that nobody wrote.

typed_lines   lines with types, and the templates that they are on a bank of values
varied_lines  lines that differ in one part, which is what an edit tries
drafts        programs of such lines, from text and to text
vocabulary    what an edit may put in: functions by type, a task's constants, pieces of solvers
edits         a row for each kind of edit; a draft's neighbourhood
puzzles       what a search sees of a task; what an output gains over copying the input
stages        candidates on one train sample, then on the others
population    one program for each behaviour; who is a parent
enumeration   bottom up, over values: programs without a parent
transfer      neighbourhoods of solvers on all puzzles at once
focus         a round for one puzzle and its population
seeds         what a search begins with
islands       a population, or a share of one, on which any process can work
exchange      what islands tell each other
crew          who works on them: processes of this machine, or a cluster
loop          steps, budgets, going on
search_store  the store: runs, populations, what was found
evidence, simplify   what is looked at before a program is kept, and how it becomes readable
workbench     the parts for a strategy of one's own (`docs/search.md`): `search.Workbench`
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.search.workbench import Workbench

__all__ = ["Workbench"]


def __getattr__(name: str) -> Any:
    if name != "Workbench":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pipeline.search.workbench import Workbench

    return Workbench
