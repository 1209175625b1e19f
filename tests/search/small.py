"""What tests of a search share: solvers as drafts, puzzles, kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from pipeline.config.context import Context
from pipeline.config.solvers import all_units
from pipeline.data.tasks import Grid, Sample, Task
from pipeline.frontend.parse import parse, parse_unit
from pipeline.kernels.names import BANK, instruction_names
from pipeline.kernels.processor import kernels_in
from pipeline.search.drafts import Draft, draft_of
from pipeline.search.pieces import bridged, pieces_of
from pipeline.search.puzzles import puzzles_of
from pipeline.search.seeds import Seeds
from pipeline.search.typed_lines import Shapes
from pipeline.search.vocabulary import Vocabulary, literals_of
from tests.compiled import compiled_kernels
from tests.extracted import extract_all
from tests.project import PROJECT

A: Grid = ((1, 2, 0), (0, 5, 0))
B: Grid = ((3, 0), (0, 0), (4, 4))
C: Grid = ((7, 7, 7, 0), (0, 7, 0, 1), (2, 2, 0, 0))

SOLVERS = {
    "own/flip": "def solve_flip(I):\n    return hmirror(I)\n",
    "own/fill": (
        "def solve_fill(I):\n"
        "    x1 = objects(I, T, F, F)\n"
        "    x2 = colorfilter(x1, ZERO)\n"
        "    x3 = rbind(bordering, I)\n"
        "    x4 = compose(flip, x3)\n"
        "    x5 = mfilter(x2, x4)\n"
        "    x6 = fill(I, FOUR, x5)\n"
        "    return x6\n"
    ),
    "own/halves": (
        "def solve_halves(I):\n"
        "    x1 = lefthalf(I)\n"
        "    x2 = righthalf(I)\n"
        "    x3 = cellwise(x1, x2, ONE)\n"
        "    x4 = replace(x3, ONE, TWO)\n"
        "    return x4\n"
    ),
}


def load(names: Sequence[str]) -> Mapping[str, int]:
    """Where the code of kernels is: see `workbench.loader`."""
    return kernels_in(compiled_kernels()).load([*instruction_names(), *BANK])


def mirrored(grid: Grid) -> Grid:
    """Left to right, then two rows more: what no program of `SOLVERS` does."""
    return tuple(row[::-1] for row in grid)


def tasks_of(*grids: Grid) -> dict[str, Task]:
    """Two tasks: to mirror left to right, and to turn by 180 degrees."""
    turned = [Sample(grid, mirrored(grid)[::-1]) for grid in grids]
    flipped = [Sample(grid, mirrored(grid)) for grid in grids]
    return {
        "aaaaaaaa": Task("aaaaaaaa", tuple(flipped[:-1]), tuple(flipped[-1:])),
        "bbbbbbbb": Task("bbbbbbbb", tuple(turned[:-1]), tuple(turned[-1:])),
    }


PUZZLES = puzzles_of(tasks_of(A, B, C))


def drafts_in(texts: Mapping[str, str], shapes: Shapes) -> dict[str, Draft]:
    """Programs as drafts."""
    found = {name: draft_of(parse(text), shapes) for name, text in texts.items()}
    return {name: draft for name, draft in found.items() if draft is not None}


def seeds_in(shapes: Shapes) -> Seeds:
    """What a small search begins with."""
    drafts = drafts_in(SOLVERS, shapes)
    return Seeds(tuple(drafts), tuple(drafts.values()))


def vocabulary_of(shapes: Shapes, samples: Sequence[Sample] = ()) -> Vocabulary:
    """What edits of the small solvers draw from."""
    drafts = drafts_in(SOLVERS, shapes).values()
    given = samples or PUZZLES["aaaaaaaa"].train
    return Vocabulary(shapes, literals_of(given), pieces_of(drafts, 4), bridged(drafts))


@cache
def corpus() -> dict[str, str]:
    """The texts of all solvers of the project that can be parsed."""
    extract_all()
    units = all_units(Context.of(Path(PROJECT)).config)
    return {name: unit.text for name, unit in units.items() if parse_unit(unit)[0] is not None}
