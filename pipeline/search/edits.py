"""Edits: what makes a program of another, a row for each kind.

    EDITS["argument"].families(draft, vocabulary)     # every change of this kind, cheapest first
    EDITS["argument"].changes(draft, vocabulary)      # the same one by one
    apply(change, draft, vocabulary)                  # the program, or None where types don't fit

A *change* is what becomes of one line, and a *family* all changes of one place (see `families`).
Types are looked up, never run; what comes out of `apply` is well-typed and has no dead lines. To
add a kind of edit, add a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.frontend.program import (
    Builtin,
    Call,
    Expression,
    Literal,
    SetLiteral,
    TupleLiteral,
    Variable,
)
from pipeline.ir.graph import Const
from pipeline.ir.types import GRID, Type
from pipeline.search.drafts import MOST_LINES, Draft, alive
from pipeline.search.families import (
    Called,
    Family,
    LineChange,
    Pieces,
    Redirected,
    Replaced,
    Wrapped,
)
from pipeline.search.pieces import BRIDGE
from pipeline.search.typed_lines import (
    INPUT,
    TypedLine,
    register_of,
    replaced,
    retyped,
    variable,
)
from pipeline.search.vocabulary import FIRST_ORDER, Vocabulary, callable_on, fits, similar

MOST_ARGUMENTS: Final = 12
"""Of registers that a new call is tried on: the last ones."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A kind of edit. families: all changes of its kind, the cheapest first."""

    name: str
    families: Callable[[Draft, Vocabulary], Iterator[Family]]

    def changes(self, draft: Draft, vocabulary: Vocabulary) -> Iterator[LineChange]:
        """All of its kind, one by one."""
        for family in self.families(draft, vocabulary):
            for k in range(len(family)):
                yield family.change(k)._replace(kind=self.name)


def apply(change: LineChange, draft: Draft, vocabulary: Vocabulary) -> Draft | None:
    """The draft after a change; None where types don't fit, or nothing changed."""
    place, value, before, _ = change
    lines = draft.lines
    old = lines[place]
    kept: list[TypedLine] = [*lines[:place], *before]
    if isinstance(value, Variable):
        return _redirected(draft, kept, place, register_of(value.name), vocabulary)
    types = draft.types()
    for line in before:
        types[line.register] = line.type
    new = vocabulary.shapes.line(old.register, value, types)
    if new is None or (new.words == old.words and not before):
        return None
    kept.append(new)
    if new.type is old.type:
        kept += lines[place + 1 :]
        if not before and set(new.words[3:]).issuperset(old.words[3:]):
            return Draft(tuple(kept))  # whatever was needed still is
        return alive(kept, lines[-1].register)
    types[new.register] = new.type
    return _retyped(kept, lines[place + 1 :], {old.register}, types, vocabulary)


def _redirected(
    draft: Draft, kept: list[TypedLine], place: int, register: int, vocabulary: Vocabulary
) -> Draft | None:
    """The draft in which a line's users use another register, as the line is gone."""
    lines, old = draft.lines, draft.lines[place]
    types = draft.types()
    for line in kept:
        types[line.register] = line.type
    if place == len(lines) - 1:
        return alive(kept, register) if types[register] is GRID and register != INPUT else None
    places = {old.register: register}
    behind = [
        line._replace(value=replaced(line.value, places))
        if old.register in line.words[3:]
        else line
        for line in lines[place + 1 :]
    ]
    return _retyped(kept, behind, {register}, types, vocabulary)


def _retyped(
    kept: list[TypedLine],
    behind: Sequence[TypedLine],
    changed: set[int],
    types: dict[int, Type],
    vocabulary: Vocabulary,
) -> Draft | None:
    """The draft with the lines behind a change typed again, where they use what has changed."""
    made = retyped(behind, changed, types, vocabulary.shapes)
    if made is None:
        return None
    kept += made
    return alive(kept, kept[-1].register) if kept[-1].type is GRID else None


# -- where in an expression

Rebuild = Callable[[Any], Expression]


def _spots(value: Any, rebuild: Rebuild, depth: int = 0) -> Iterator[tuple[Any, Rebuild, int]]:
    """The parts of an expression that can be replaced, what puts others there, and how deep."""
    kind = value.__class__
    if kind is Call:
        function, arguments = value.function, value.arguments
        yield from _spots(function, lambda new: rebuild(Call(new, arguments)), depth)
        for k, part in enumerate(arguments):
            yield from _spots(part, _at_argument(value, k, rebuild), depth + 1)
    elif kind is TupleLiteral or kind is SetLiteral:
        for k, part in enumerate(value.elements):
            yield from _spots(part, _at_element(value, k, rebuild), depth + 1)
    else:
        yield value, rebuild, depth


def _at_argument(call: Call, k: int, rebuild: Rebuild) -> Rebuild:
    function, before, after = call.function, call.arguments[:k], call.arguments[k + 1 :]
    return lambda new: rebuild(Call(function, (*before, new, *after)))


def _at_element(value: Any, k: int, rebuild: Rebuild) -> Rebuild:
    before, after = value.elements[:k], value.elements[k + 1 :]
    return lambda new: rebuild(value.__class__((*before, new, *after)))


def _itself(value: Any) -> Any:
    return value


def _all_spots(draft: Draft, kind: type) -> Iterator[tuple[int, Any, Rebuild, int]]:
    """The parts of one kind in all lines."""
    for place, line in enumerate(draft.lines):
        for part, rebuild, depth in _spots(line.value, _itself):
            if part.__class__ is kind:
                yield place, part, rebuild, depth


def _registers(draft: Draft, place: int) -> list[tuple[int, Type]]:
    """The registers that a line can use, and their types, those just before it first."""
    found = [(line.register, line.type) for line in draft.lines[:place]]
    return [*found[::-1], (INPUT, GRID)]


# -- the kinds


def _constants(draft: Draft, vocabulary: Vocabulary) -> Iterator[Family]:
    """Another constant."""
    for place, part, rebuild, _ in _all_spots(draft, Literal):
        likely = vocabulary.literals.get(Const(part.value).type, ())
        yield Replaced(place, rebuild, [literal for literal in likely if literal != part])


def _arguments(draft: Draft, vocabulary: Vocabulary) -> Iterator[Family]:
    """Another value in the place of one: a register, or a constant, and one for a constant."""
    types = draft.types()
    for place, part, rebuild, _ in _all_spots(draft, Variable):
        own = register_of(part.name)
        others = [
            variable(register)
            for register, type_ in _registers(draft, place)
            if register != own and fits(type_, types[own])
        ]
        yield Replaced(place, rebuild, [*others, *vocabulary.literals.get(types[own], ())])
    for place, part, rebuild, _ in _all_spots(draft, Literal):
        own_type = Const(part.value).type
        same = [variable(r) for r, type_ in _registers(draft, place) if type_ is own_type]
        yield Replaced(place, rebuild, same)
    for place, line in enumerate(draft.lines):
        yield Replaced(place, _itself, list(_exchanged(line.value)))


def _exchanged(value: Any) -> Iterator[Call]:
    """Two arguments of a call in each other's place."""
    if isinstance(value, Call):
        arguments = value.arguments
        for k in range(len(arguments) - 1):
            swapped = (arguments[k + 1], arguments[k])
            if swapped[0] != swapped[1]:
                new = (*arguments[:k], *swapped, *arguments[k + 2 :])
                yield Call(value.function, new)


def _functions(draft: Draft, vocabulary: Vocabulary) -> Iterator[Family]:
    """Another function, called or as a value: combinators too."""
    types = draft.types()
    for place, line in enumerate(draft.lines):
        own = _types_of(line.value, types)
        rows = callable_on(own, line.type) if own is not None else ()
        if isinstance(line.value, Call):
            functions = [Builtin(row) for row in rows if Builtin(row) != line.value.function]
            yield Replaced(place, _called_on(line.value), functions)
    for place, part, rebuild, depth in _all_spots(draft, Builtin):
        others = [Builtin(r) for r in similar(part.row) if depth or r not in FIRST_ORDER]
        yield Replaced(place, rebuild, others)


def _called_on(value: Call) -> Rebuild:
    return lambda function: Call(function, value.arguments)


def _types_of(value: Any, types: Mapping[int, Type]) -> tuple[Type, ...] | None:
    """The types of a call's arguments; None where one is a function."""
    found = []
    for part in value.arguments if value.__class__ is Call else (value,):
        if part.__class__ is Variable:
            found.append(types[register_of(part.name)])
        elif part.__class__ is Literal:
            found.append(Const(part.value).type)
        else:
            return None
    return tuple(found)


def _deletions(draft: Draft, vocabulary: Vocabulary) -> Iterator[Family]:
    """What a line is made of in its place, and of a call within one its first argument."""
    for place, line in enumerate(draft.lines):
        kept = [r for r, type_ in _registers(draft, place) if fits(type_, line.type)]
        yield Redirected(place, kept)
        for inner, rebuild in _inner_calls(line.value, _itself):
            parts = [part for part in inner.arguments if part.__class__ is not Literal]
            yield Replaced(place, rebuild, parts)


def _inner_calls(value: Any, rebuild: Rebuild) -> Iterator[tuple[Call, Rebuild]]:
    """The calls in the arguments of a call, and what puts something else there."""
    if value.__class__ is not Call:
        return
    for k, part in enumerate(value.arguments):
        if part.__class__ is Call:
            inside = _at_argument(value, k, rebuild)
            yield part, inside
            yield from _inner_calls(part, inside)


def _insertions(draft: Draft, vocabulary: Vocabulary) -> Iterator[Family]:
    """A call between what makes a value and what uses it, and between what is given and a line."""
    for place in range(len(draft.lines) - 1, -1, -1):
        yield from _inserted(draft, place, vocabulary)
    types, free = draft.types(), draft.free
    for place, part, rebuild, depth in _all_spots(draft, Variable):
        own = types[register_of(part.name)]
        if depth == 1:
            rows = callable_on((own,), own)
            found = [row for row in rows if vocabulary.shapes.template_on(row, (own,)) >= 0]
            value = rebuild(variable(free))
            yield Wrapped(place, found, part, own, free, value, vocabulary.shapes)


def _inserted(draft: Draft, place: int, vocabulary: Vocabulary) -> Iterator[Family]:
    """Calls that take what a line gives, and give its type: of it alone, or with another
    argument.
    """
    line, free = draft.lines[place], draft.free
    own, value, before = line.type, [variable(free)], (_renumbered(line, free),)
    yield Called(place, callable_on((own,), own), [value], (own,), before)
    for other, choices in _others(draft, place, vocabulary):
        rows = callable_on((own, other), own)
        yield Called(place, rows, [value, choices], (own, other), before)
        if other is not own:
            rows = callable_on((other, own), own)
            yield Called(place, rows, [choices, value], (other, own), before)


def _renumbered(line: TypedLine, register: int) -> TypedLine:
    """The line with its value in another register."""
    template, _, *rest = line.words
    return TypedLine(register, line.value, line.type, (template, register, *rest))


def _others(draft: Draft, place: int, vocabulary: Vocabulary) -> Iterator[tuple[Type, list[Any]]]:
    """What can be an argument before a line, by type: registers and constants."""
    found: dict[Type, list[Any]] = {t: list(many) for t, many in vocabulary.literals.items()}
    for register, type_ in _registers(draft, place)[:MOST_ARGUMENTS]:
        found.setdefault(type_, []).append(variable(register))
    yield from found.items()


def _lines(draft: Draft, vocabulary: Vocabulary) -> Iterator[Family]:
    """A line that gives the same type: another call of one or two arguments."""
    for place, line in enumerate(draft.lines):
        others = list(_others(draft, place, vocabulary))
        for type_, choices in others:
            yield Called(place, callable_on((type_,), line.type), [choices], (type_,))
        for a, first in others:
            for b, second in others:
                yield Called(place, callable_on((a, b), line.type), [first, second], (a, b))


def _crossover(draft: Draft, vocabulary: Vocabulary) -> Iterator[Family]:
    """A piece of another solver in the place of a line."""
    for place in range(len(draft.lines) - 1, -1, -1):
        column = vocabulary.pieces.get(draft.lines[place].type)
        if column is not None:
            yield Pieces(place, column)


def _compositions(draft: Draft, vocabulary: Vocabulary) -> Iterator[Family]:
    """Another solver after this one."""
    first = _renumbered(draft.lines[-1], BRIDGE)
    column = vocabulary.solvers.shorter(MOST_LINES - len(draft.lines))
    yield Pieces(len(draft.lines) - 1, column, (first,))


EDITS: Final = {
    edit.name: edit
    for edit in (
        Edit("constant", _constants),
        Edit("argument", _arguments),
        Edit("function", _functions),
        Edit("deletion", _deletions),
        Edit("insertion", _insertions),
        Edit("composition", _compositions),
        Edit("crossover", _crossover),
        Edit("line", _lines),
    )
}
"""Every kind, in the order in which a neighbourhood is enumerated."""


def families(draft: Draft, vocabulary: Vocabulary) -> Iterator[tuple[str, Family]]:
    """Every family of every kind, the cheapest first; always in the same order."""
    for edit in EDITS.values():
        for family in edit.families(draft, vocabulary):
            yield edit.name, family


def neighbourhood(draft: Draft, vocabulary: Vocabulary) -> Iterator[LineChange]:
    """Every change of every kind, in the same order."""
    for edit in EDITS.values():
        yield from edit.changes(draft, vocabulary)
