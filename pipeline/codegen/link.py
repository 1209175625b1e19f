"""Link: all generated solvers into one battery, equal nodes of all solvers computed once.

The link reads the generated modules, nothing else: a line says all there is to know about a node.
Nodes are interned across solvers in the order of the solvers' names, so the battery is the same
whatever order they were generated in.

A node shared by several solvers is computed on the samples that any of them is wanted on: each set
of solvers that shares a node has a root domain of its own (`u3 = rt.lanes(1, 4)`), and a domain of
elements is opened once for each such set. The runtime cuts a column down to the lanes of its user.

Lines stand in groups of one operation, each under a comment that says how many: see `schedule`. A
line is still a node, not a group: a group's text would name hundreds of nodes, of which a reader
wants one, and a backend sees a group where lines of one operation follow each other.

All lines are one function: Python compiles 25,000 such lines in 0.6 s (measured).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipeline.codegen.schedule import schedule

_LINE = re.compile(r" {4}(\w+)(?:: (.+?))? = rt\.(\w+)\((.*)\)  # .*$")
_LOOP = re.compile(r" {4}def t\d+\(")
_LOOPED = re.compile(r" {4}\S")
_INSIDE = re.compile(r" +(?:(\w+)(?:: .+?)? = .*|def t\d+\((\w+), (\w+)\):.*|return .*)$")
_VERDICT = re.compile(r" {4}rt\.verdict\(solver, d0, (n\d+), after=(\(.*\))\)$")
_TOKEN = re.compile(r"\b[ndt]\d+\b")
_NOTE = re.compile(r"  # .*$")


@dataclass(frozen=True, slots=True)
class Linked:
    """The battery: `code` is batt.py, `link_map` (JSON) says what each solver's nodes became, and
    `statistics` (JSON) how many nodes there are and how large the groups.
    """

    code: str
    link_map: str
    statistics: str


class BadModule(ValueError):
    """A module that is no generated solver, or one of another version; the message names it."""


@dataclass(slots=True, eq=False)
class _Entry:
    """One node of the battery, or one whole loop.

    text is its right-hand side (of a loop: its lines), in which `@7` stands for entry 7 and `@0`
    for the root.
    """

    number: int
    text: str
    kind: str
    users: list[int] = field(default_factory=list)

    @property
    def is_domain(self) -> bool:
        """Whether it opens a domain: only then it has no type."""
        return not self.kind


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the battery, or one whole loop: what it defines, its operation, its text.

    A loop's operation names it too, as no two loops run together.
    """

    name: str
    operation: str
    text: str


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What a solver returns: the entry, and the effects' text."""

    result: int
    after: str


def link(modules: Iterable[tuple[str, str]]) -> Linked:
    """Link generated solvers, given as (name, code) in any order, into one battery."""
    linker = _Linker()
    for name, code in sorted(modules):
        try:
            linker.add(name, code)
        except KeyError as missing:
            raise BadModule(f"{name}: {missing.args[0]} is used before it is made") from None
    writer = _Writer(linker.entries)
    groups = writer.groups(linker.verdicts)
    return Linked(linker.code(groups), linker.link_map(), _statistics(linker.solvers, groups))


def _statistics(solvers: list[str], groups: list[list[_Line]]) -> str:
    """How many solvers, nodes and groups, and how many groups there are of each size: JSON."""
    groups = [group for group in groups if group[0].operation != "lanes"]
    sizes = Counter(len(group) for group in groups)
    lines = [line for group in groups for line in group]
    facts = {
        "solvers": len(solvers),
        "nodes": sum(max(1, line.text.count(" = rt.")) for line in lines),
        "groups": len(groups),
        "sizes": {str(size): sizes[size] for size in sorted(sizes)},
    }
    return json.dumps(facts, indent=1) + "\n"


class _Linker:
    """The interned nodes of the solvers so far; entry 0 is the root domain."""

    def __init__(self) -> None:
        self.solvers: list[str] = []
        self.entries: list[_Entry] = [_Entry(0, "", "")]
        self.known: dict[tuple[str, str], _Entry] = {}
        self.verdicts: list[_Verdict] = []
        self.maps: list[dict[str, int]] = []

    # -- reading

    def add(self, name: str, code: str) -> None:
        """Intern the nodes of one generated solver."""
        solver = len(self.solvers)
        self.solvers.append(name)
        local: dict[str, int] = {"d0": 0}
        _, found, body = code.partition("\n    d0 = rt.lanes(solver)\n")
        if not found:
            raise BadModule(f"{name}: not a generated solver: it has no lanes")
        lines = iter(body.split("\n"))
        for line in lines:
            match = _LINE.match(line)
            if match is not None:
                target, kind, op, args = match.groups()
                self._use(solver, local, target, kind or "", f"rt.{op}({_globals(args, local)})")
            elif _LOOP.match(line):
                target, kind, text = _loop(name, line, lines, local)
                self._use(solver, local, target, kind, text)
            else:
                self._end(name, line, local)
                return
        raise BadModule(f"{name}: the generated module has no verdict")

    def _use(self, solver: int, local: dict[str, int], target: str, kind: str, text: str) -> None:
        key = (text, kind)
        entry = self.known.get(key)
        if entry is None:
            entry = self.known[key] = _Entry(len(self.entries), text, kind)
            self.entries.append(entry)
        if not entry.users or entry.users[-1] != solver:
            entry.users.append(solver)
        local[target] = entry.number

    def _end(self, name: str, line: str, local: dict[str, int]) -> None:
        match = _VERDICT.match(line)
        if match is None:
            raise BadModule(f"{name}: not a line of a generated solver: {line.strip()!r}")
        self.verdicts.append(_Verdict(local[match[1]], _globals(match[2], local)))
        del local["d0"]
        self.maps.append(local)

    # -- writing

    def code(self, groups: list[list[_Line]]) -> str:
        """The text of batt.py."""
        names = "".join(f'    "{name}",\n' for name in self.solvers)
        count = sum(len(group) for group in groups)
        return "".join(
            [
                f'"""The battery: {len(self.solvers)} solvers linked, {count} lines in ',
                f'{len(groups)} groups. Generated; not to be edited."""\n\n',
                f"SOLVERS = (\n{names})\n\n\n",
                "def evaluate(rt):\n",
                '    """Run all solvers on the lanes that `rt` wants from them."""\n',
                *map(_group_text, groups),
                '\n\nif __name__ == "__main__":\n',
                "    from pipeline.commands.standalone import main_battery\n\n",
                "    main_battery(evaluate, SOLVERS)\n",
            ]
        )

    def link_map(self) -> str:
        """For each solver its nodes' names in the battery: JSON, a line a solver."""
        rows = [
            f'  "{name}": ' + json.dumps({k: _name(self.entries[v]) for k, v in local.items()})
            for name, local in zip(self.solvers, self.maps, strict=True)
        ]
        return "{\n" + ",\n".join(rows) + "\n}\n"


def _globals(text: str, local: dict[str, int]) -> str:
    """The text with a solver's own names replaced by the battery's entries."""
    return _TOKEN.sub(lambda match: f"@{local[match[0]]}", text)


def _loop(
    module: str, first: str, lines: Iterator[str], local: dict[str, int]
) -> tuple[str, str, str]:
    """Read one loop: target, type and text; names of the body's own are `v1`, `v2`, ..."""
    block = [first]
    for line in lines:
        block.append(line)
        if _LOOPED.match(line):
            break
    last = _LINE.match(block[-1])
    if last is None:
        raise BadModule(f"{module}: a loop has no end")
    own: dict[str, str] = {}
    for line in block[:-1]:
        match = _INSIDE.match(line)
        for name in match.groups() if match else ():
            if name is not None:
                own.setdefault(name, f"v{len(own) + 1}")
        start = re.match(r" +def (t\d+)\(", line)
        if start:
            own.setdefault(start[1], f"v{len(own) + 1}")

    def replaced(match: re.Match[str]) -> str:
        return own.get(match[0]) or f"@{local[match[0]]}"

    body = [_TOKEN.sub(replaced, _NOTE.sub("", line)) for line in block[:-1]]
    call = f"rt.{last[3]}({_TOKEN.sub(replaced, last[4])})"
    return last[1], last[2], "\n".join([*body, call])


def _name(entry: _Entry) -> str:
    return f"{'d' if entry.is_domain else 'n'}{entry.number}"


_MARK = re.compile(r"@(\d+)")


def _group_text(group: list[_Line]) -> str:
    lines = "\n".join(line.text for line in group)
    return f"    # {len(group)} x {group[0].operation.split()[0]}\n{lines}\n"


class _Writer:
    """Writes entries as lines; domains are opened once for each set of solvers that uses them."""

    def __init__(self, entries: list[_Entry]) -> None:
        self.entries = entries
        self.lines: list[_Line] = []
        self.roots: dict[tuple[int, ...], str] = {}
        self.opened: dict[tuple[int, tuple[int, ...]], str] = {}

    def groups(self, verdicts: list[_Verdict]) -> list[list[_Line]]:
        """All lines of the battery's function, scheduled; verdicts come last."""
        for entry in self.entries[1:]:
            self._entry(entry)
        last = []
        for solver, verdict in enumerate(verdicts):
            root = self._root((solver,))
            result = _name(self.entries[verdict.result])
            text = (
                f"    rt.verdict({solver}, {root}, {result}, after={self._effects(verdict.after)})"
            )
            last.append(_Line("", "verdict", text))
        lines = self.lines
        places = {line.name: k for k, line in enumerate(lines)}
        needs = [_needs(line, places) for line in lines]
        numbers = schedule([line.operation for line in lines], needs)
        return [[lines[k] for k in group] for group in numbers] + ([last] if last else [])

    def _entry(self, entry: _Entry) -> None:
        users = tuple(entry.users)
        if entry.is_domain:
            self._domain(entry, users)
            return
        *body, call = self._text(entry, users).split("\n")
        name = _name(entry)
        operation = call[3 : call.index("(")]
        if body:
            operation = f"{operation} {name}"
        self._add(name, operation, "\n".join([*body, f"    {name}: {entry.kind} = {call}"]))

    def _add(self, name: str, operation: str, text: str) -> None:
        self.lines.append(_Line(name, operation, text))

    def _text(self, entry: _Entry, users: tuple[int, ...]) -> str:
        """An entry's text for a set of users: its domains are those of the users."""
        head, after, effects = entry.text.rpartition(", after=")

        def named(match: re.Match[str]) -> str:
            used = self.entries[int(match[1])]
            return self._domain(used, users) if used.is_domain else _name(used)

        if not after or "\n" in entry.text:
            return _MARK.sub(named, entry.text)
        return _MARK.sub(named, head) + after + self._effects(effects)

    def _effects(self, text: str) -> str:
        return _MARK.sub(lambda match: _name(self.entries[int(match[1])]), text)

    def _root(self, users: tuple[int, ...]) -> str:
        known = self.roots.get(users)
        if known is None:
            known = self.roots[users] = f"u{len(self.roots)}"
            self._add(known, "lanes", f"    {known} = rt.lanes({', '.join(map(str, users))})")
        return known

    def _domain(self, entry: _Entry, users: tuple[int, ...]) -> str:
        """The name of a domain as opened for these users; opens it if it is not yet."""
        if entry.number == 0:
            return self._root(users)
        key = (entry.number, users)
        known = self.opened.get(key)
        if known is None:
            text = self._text(entry, users)
            own = users == tuple(entry.users)
            known = f"d{entry.number}" if own else f"d{entry.number}_{len(self.opened)}"
            self.opened[key] = known
            self._add(known, text[3 : text.index("(")], f"    {known} = {text}")
        return known


_NAME = re.compile(r"\b[ndu]\d+(?:_\d+)?\b")


def _needs(line: _Line, places: dict[str, int]) -> list[int]:
    """The lines that define what a line names."""
    names = set(_NAME.findall(line.text))
    names.discard(line.name)
    return [places[name] for name in names]
