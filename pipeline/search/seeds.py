"""What a search begins with: the solvers of the configured corpora, as drafts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.config.config import Config
from pipeline.config.solvers import all_units
from pipeline.frontend.candidates import task_of
from pipeline.frontend.parse import parse_unit
from pipeline.search.drafts import Draft, draft_of, text_of
from pipeline.search.focus import settled
from pipeline.search.typed_lines import Shapes
from pipeline.search.value_bank import MOST_CONSTANTS


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
    """The solvers that can be drafts, each program once, the smallest first; those for whose
    constants there is no room beside those of smaller ones are left out.

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
    ranked = with_room(sorted(found.values(), key=lambda pair: (pair[1].size, pair[0])))
    return Seeds(tuple([name for name, _ in ranked]), tuple([draft for _, draft in ranked]))


def with_room(
    drafts: Sequence[tuple[str, Draft]], most: int = MOST_CONSTANTS // 4
) -> list[tuple[str, Draft]]:
    """Those of the drafts, by name, that have so many different constants at most together with
    those before them: banks have room for these, and as much again for those of tasks.
    """
    kept: list[tuple[str, Draft]] = []
    constants: set[int] = set()
    for name, draft in drafts:
        own = {operand for line in draft.lines for operand in line.words[3:] if operand < 0}
        if len(constants | own) <= most:
            constants |= own
            kept.append((name, draft))
    return kept


def solvers_of_others(tasks: Mapping[str, object]) -> Callable[[str], bool]:
    """Which solvers are of none of these tasks: a search that is measured on tasks that have
    solvers must not begin with those.
    """
    return lambda name: task_of(name) not in tasks
