"""What a search begins with: the solvers of the configured corpora, as drafts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.config.config import Config
from pipeline.config.solvers import all_units
from pipeline.frontend.candidates import task_of
from pipeline.frontend.parse import parse_unit
from pipeline.search.drafts import Draft, draft_of, text_of
from pipeline.search.focus import settled
from pipeline.search.typed_lines import Shapes


@dataclass(frozen=True, slots=True, eq=False)
class Seeds:
    """What a search begins with: solvers by name."""

    names: tuple[str, ...]
    drafts: tuple[Draft, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """As texts, which any process can read."""
        return tuple(map(text_of, self.drafts))


def seeds_of(
    config: Config, shapes: Shapes, wanted: Callable[[str], bool] = lambda name: True
) -> Seeds:
    """The solvers that can be drafts, each program once, the smallest first.

    wanted: whether a solver of this name is to be one.
    """
    found: dict[object, tuple[str, Draft]] = {}
    for name, unit in all_units(config).items():
        if not wanted(name):
            continue
        program, problems = parse_unit(unit)
        draft = None if program is None or problems else draft_of(program, shapes)
        draft = None if draft is None else settled(draft, shapes)
        if draft is not None:
            found.setdefault(tuple([line.value for line in draft.lines]), (name, draft))
    ranked = sorted(found.values(), key=lambda pair: (pair[1].size, pair[0]))
    return Seeds(tuple([name for name, _ in ranked]), tuple([draft for _, draft in ranked]))


def solvers_of_others(tasks: Mapping[str, object]) -> Callable[[str], bool]:
    """Which solvers are of none of these tasks: a search that is measured on tasks that have
    solvers must not begin with those.
    """
    return lambda name: task_of(name) not in tasks
