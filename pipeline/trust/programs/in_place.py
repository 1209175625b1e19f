"""Statements that change lists and dicts of their own in place, and what is made of these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pipeline.ir.types import BOOLEAN, GRID, INTEGER
from pipeline.trust.programs.in_scope import ROW
from pipeline.trust.programs.library import imported

Lines = list[str]

_WORDS: Final = ("tuple", "list", "len", "sum", "range", "sorted", "max", "size", "enumerate")


def change_parts(writer: Any, depth: int) -> Lines:
    """A list, a list of rows or a dict, changed a few times, and a variable made of it."""
    if not all(map(writer.free, _WORDS)):
        return []
    way: Callable[[Any, str], tuple[Lines, Any, str]] = writer.rng.choice(
        (_list, _rows, _dict, _groups, _counts)
    )
    name, made = writer.name(), writer.name()
    lines, type_, text = way(writer, name)
    writer.scope.variables[made] = type_
    return [*lines, f"{made} = {text}"]


def _list(writer: Any, name: str) -> tuple[Lines, Any, str]:
    values = [_number(writer) for _ in range(writer.rng.randint(1, 4))]
    ways = (
        lambda: [f"{name}[{_place(writer)}] = {_number(writer)}"],
        lambda: [f"{name}[{_place(writer)}] += {_number(writer)}"],
        lambda: [f"{name}.append({_number(writer)})"],
        lambda: [f"{name}.append({name}.pop({writer.rng.choice(('', '0', '-1', '1'))}))"],
        lambda: [f"{name}.sort({writer.rng.choice(('', 'reverse=True', 'key=lambda q: -q'))})"],
        lambda: [f"{name}[0], {name}[-1] = {name}[-1], {name}[0]"],
        lambda: [
            f"for q in range({writer.rng.randint(1, 3)}):",
            f"    {name}[q % len({name})] -= q",
        ],
        lambda: [f"{name} = {name}[:{writer.rng.randint(1, 3)}]"],
        lambda: [f"{name} = {name}.copy()", f"{name} += [{_number(writer)}]"],
    )
    lines = [f"{name} = [{', '.join(values)}]"]
    for _ in range(writer.rng.randint(1, 3)):
        way = writer.rng.choice(ways)
        lines += _popped(way(), name)
    return lines, ROW, f"tuple({name})"


def _popped(lines: Lines, name: str) -> Lines:
    """What a list gives back to itself has a name in between: it is taken as a statement."""
    head, _, rest = lines[0].partition(f"{name}.append({name}.pop(")
    if head or not rest:
        return lines
    return [f"q_ = {name}.pop({rest[:-2]})", f"{name}.append(q_)"]


def _rows(writer: Any, name: str) -> tuple[Lines, Any, str]:
    grid = writer.expression(GRID, 1)
    ways = (
        lambda: [f"{name}[0][0] = {_number(writer)}"],
        lambda: [f"{name}[-1][{_place(writer)}] += 1"],
        lambda: [f"{name}.append([0] * len({name}[0]))", f"{name}[-1][-1] = {_number(writer)}"],
        lambda: [
            f"for q in range(len({name})):",
            f"    if {name}[q][0] == {writer.rng.randint(0, 3)}:",
            f"        {name}[q][q % len({name}[q])] = {_number(writer)}",
        ],
        lambda: [f"{name}[0][0], {name}[0][-1] = {name}[0][-1], {name}[0][0]"],
    )
    lines = [f"{name} = [list(q) for q in {grid}]"]
    for _ in range(writer.rng.randint(1, 2)):
        lines += writer.rng.choice(ways)()
    return lines, GRID, f"tuple(tuple(q) for q in {name})"


def _dict(writer: Any, name: str) -> tuple[Lines, Any, str]:
    key = _number(writer)
    pairs = ", ".join(f"{k}: {_number(writer)}" for k in (0, key)[: writer.rng.randint(0, 2)])
    ways = (
        lambda: [f"{name}[{_number(writer)}] = {_number(writer)}"],
        lambda: [f"{name}[{key}] = {name}.get({key}, 0) + 1"],
        lambda: [f"for q in {writer.expression(ROW, 1)}:", f"    {name}[q] = {name}.get(q, 0) + 1"],
        lambda: [f"if {key} not in {name}:", f"    {name}[{key}] = {_number(writer)}"],
    )
    lines = [f"{name} = {{{pairs}}}"]
    for _ in range(writer.rng.randint(1, 2)):
        lines += writer.rng.choice(ways)()
    asked = (
        (INTEGER, f"{name}.get({_number(writer)}, 7)"),
        (INTEGER, f"{name}[{key}]"),
        (INTEGER, f"sum({name}.values()) + len({name})"),
        (BOOLEAN, f"{_number(writer)} in {name}"),
        (ROW, f"tuple({name})[:9]"),
        (ROW, f"tuple(q for p in sorted({name}.items()) for q in p)[:9]"),
        (INTEGER, f"max({name}, key={name}.get)"),
    )
    return (lines, *writer.rng.choice(asked))


def _groups(writer: Any, name: str) -> tuple[Lines, Any, str]:
    """A dict of lists."""
    is_default = writer.maybe(0.4)
    start = f"{imported(writer, 'collections', 'defaultdict')}(list)" if is_default else "{}"
    key, row = writer.rng.randint(0, 2), writer.expression(ROW, 1)
    ways = (
        lambda: [f"for q in {row}:", f"    {name}.setdefault(q % 3, []).append(q)"],
        lambda: [f"{name}.setdefault({key}, []).append({_number(writer)})"],
        lambda: [f"{name}[{key}] = [{_number(writer)}, {_number(writer)}]"],
        lambda: [
            f"for q in {row}:",
            f"    if q not in {name}:",
            f"        {name}[q] = []",
            f"    {name}[q].append({_number(writer)})",
        ],
        lambda: [f"for k, q in enumerate({row}):", f"    {name}[q % 2].append(k)"],
    )
    lines = [f"{name} = {start}"]
    for _ in range(writer.rng.randint(1, 2)):
        lines += writer.rng.choice(ways if is_default else ways[:-1])()
    asked = (
        (ROW, f"tuple({name}.get({key}, []))[:9]"),
        (ROW, f"tuple(len(v) for v in {name}.values())[:9]"),
        (ROW, f"tuple(sum({name}[q]) for q in sorted({name}))[:9]"),
        (ROW, f"tuple(q for k, v in {name}.items() for q in v)[:9]"),
        (INTEGER, f"max({name}, key=lambda q: len({name}[q]))"),
        (BOOLEAN, f"{key} in {name} and {_number(writer)} in {name}[{key}]"),
    )
    return (lines, *writer.rng.choice(asked))


def _counts(writer: Any, name: str) -> tuple[Lines, Any, str]:
    """A dict that counts."""
    counter, key = imported(writer, "collections", "Counter"), _number(writer)
    lines = [f"{name} = {counter}({writer.expression(ROW, 1)})"]
    if writer.maybe(0.4):
        lines.append(f"{name}[{key}] += {writer.rng.randint(1, 3)}")
    if writer.maybe(0.4):
        lines.append(f"{name}.update({writer.expression(ROW, 1)})")
    asked = (
        (INTEGER, f"{name}.most_common(1)[0][0]"),
        (INTEGER, f"{name}[{key}]"),
        (INTEGER, f"sum({name}.values())"),
        (ROW, f"tuple(q for p in {name}.most_common(2) for q in p)[:9]"),
        (ROW, f"tuple(q for q, n in {name}.items() if n > 1)[:9]"),
    )
    return (lines, *writer.rng.choice(asked))


def _number(writer: Any) -> str:
    if writer.maybe(0.4):
        return str(writer.expression(INTEGER, 1))
    return str(writer.rng.randint(0, 9))


def _place(writer: Any) -> str:
    if writer.maybe(0.2):
        return _number(writer)
    return str(writer.rng.choice(("0", "-1", "0", "1", "True")))
