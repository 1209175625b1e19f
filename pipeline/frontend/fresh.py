"""Lists and sets that nobody else knows: those that a function may change in place.

A value here never changes, so `xs.append(x)` can only mean that `xs` is another value from then on.
In Python it means that only as long as no other name, container or function has the same list. So a
variable is *fresh* from the display, the comprehension or the call that makes its list until it is
read where what reads it could keep it.

A list of lists may have *rows* of its own too: each of its elements is a list that was made for it.
Then `g[i][j] = x` means another `g` as well, until something could keep one of the rows.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

_MAKERS: Final = {
    **dict.fromkeys(("list", "sorted", "deque"), "list"),
    "set": "set",
    **dict.fromkeys(("dict", "defaultdict", "Counter", "OrderedDict"), "dict"),
}


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What names are at a place. is_own: whether one is the solver's, and so not Python's.
    holds_lists: whether it is that of a list of lists. given_by: what a function gives that nobody
    else has.
    """

    is_own: Callable[[str], bool]
    holds_lists: Callable[[str], bool]
    given_by: Callable[[str], Making | None]


@dataclass(slots=True, eq=False)
class Making:
    """One making of a list, a set or a dict; kind: which of them. has_rows: whether its elements,
    or the values of a dict, are still lists or sets that nobody else has. holds: which of them,
    once there is one. changes: how often an element was changed in its place. is_of_turn: whether
    no earlier turn of a loop can have read its name. is_held: whether a loop goes
    through an element.
    """

    kind: str
    has_rows: bool = False
    holds: str = ""
    changes: int = 0
    is_of_turn: bool = True
    is_held: bool = False

    @property
    def has_lists(self) -> bool:
        """Whether it is a list of lists that nobody else has."""
        return self.kind == "list" and self.has_rows and self.holds == "list"

    def hold(self, kind: str) -> bool:
        """Whether its elements are of this kind, or there were none yet."""
        self.holds = self.holds or kind
        return self.holds == kind


@dataclass(slots=True)
class _Loop:
    """A loop around the place at hand: what was fresh before it, and what became of that in it.

    changed, changed_inside: the last change of a list, and of a row of it. kept, kept_inside: what
    something else may have, or may have a row of. read: the names that were read in it.
    """

    before: frozenset[Making]
    changed: dict[Making, ast.AST] = field(default_factory=dict)
    changed_inside: dict[Making, ast.AST] = field(default_factory=dict)
    kept: set[Making] = field(default_factory=set)
    kept_inside: set[Making] = field(default_factory=set)
    read: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Unshared:
    """The fresh variables of one function while it is read.

    shared: the names that functions inside it read, which are never fresh. aliases: those of which
    another name has the same list or set. given: what nodes read that something is to keep.
    moved: the names whose list became an element of another, which that was, and its changes then.
    replaced: the name that has another list right behind the statement at hand.
    """

    made: dict[str, Making] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    loops: list[_Loop] = field(default_factory=list)
    given: dict[int, Making] = field(default_factory=dict)
    moved: dict[str, tuple[Making, int]] = field(default_factory=dict)
    replaced: str = ""

    def assign(self, name: str, made: Making | None = None) -> None:
        """A name has a new value: one that was just made, or any other."""
        self.made.pop(name, None)
        self.moved.pop(name, None)
        self.aliases.discard(name)
        if made is not None and name not in self.shared:
            made.is_of_turn = not any(name in loop.read for loop in self.loops)
            self.made[name] = made

    def is_list(self, name: str) -> bool:
        """Whether a name's value is known to be a list or a set that Python can change."""
        return name in self.made or name in self.aliases

    def read(self, name: str) -> bool:
        """A name is read: whether it is still known what its value is, which is not so where it
        became an element of a list, and elements of that were changed since.
        """
        for loop in self.loops:
            loop.read.add(name)
        whole, changes = self.moved.pop(name, (None, 0))
        if whole is None:
            return True
        whole.has_rows = False
        return whole.changes == changes

    def keep(self, node: ast.AST, name: str, by_function: bool = False) -> None:
        """A name is read where its value may be kept, perhaps by a function, whenever that runs."""
        if by_function:
            self.shared.add(name)
        made = self.made.pop(name, None)
        if made is not None:
            self.given[id(node)] = made
            if name != self.replaced:
                for loop in self.loops:
                    loop.kept.add(made)

    def move(self, node: ast.AST, name: str) -> Making | None:
        """What becomes an element of a name's value, if that alone has it from then on."""
        made, whole = self.given.pop(id(node), None), self.made.get(name)
        if made is None or whole is None or not isinstance(node, ast.Name):
            return None
        is_of_turn = made.is_of_turn and not any(made in loop.before for loop in self.loops)
        if not is_of_turn and node.id != self.replaced:
            return None
        self.moved[node.id] = whole, whole.changes
        return made

    def keep_rows(self, name: str) -> None:
        """The elements of a name's value may be kept."""
        made = self.made.get(name)
        if made is not None and made.has_rows:
            made.has_rows = False
            for loop in self.loops:
                loop.kept_inside.add(made)

    def change(self, name: str, node: ast.AST, inside: bool = False) -> Making | None:
        """A name's value is to be changed, or a row of it; None where another may have that."""
        made = self.made.get(name)
        if made is None or (inside and (made.is_held or not made.has_rows)):
            return None
        for loop in self.loops:
            (loop.changed_inside if inside else loop.changed)[made] = node
        made.changes += inside
        return made

    def hold(self, names: set[str]) -> dict[str, Making]:
        """What these names have, which must not change while a loop goes through it."""
        return {name: self.made.pop(name) for name in names & self.made.keys()}

    def release(self, held: dict[str, Making], assigned: Collection[str]) -> None:
        """The loop is over; assigned: the names that may have been given anything in it."""
        for name in held.keys() - assigned:
            self.made.setdefault(name, held[name])

    def enter(self, read: set[str]) -> None:
        """A loop begins, each turn of which reads these names first."""
        self.loops.append(_Loop(frozenset(self.made.values()), read=read))

    def leave(
        self, before: dict[str, Making], moved: dict[str, tuple[Making, int]]
    ) -> list[ast.AST]:
        """A loop ends: the changes in it of what an earlier turn may have kept, or have replaced.

        What was fresh before it is fresh after it if it is still the same.
        """
        loop = self.loops.pop()
        self.moved = moved | self.moved
        lost = {made for name, made in before.items() if name not in self.made}
        self.made = {k: v for k, v in self.made.items() if before.get(k) is v}
        kept = loop.before & (loop.kept | lost)
        inside = kept | (loop.before & loop.kept_inside)
        return [
            *(node for made, node in loop.changed.items() if made in kept),
            *(node for made, node in loop.changed_inside.items() if made in inside),
        ]

    def join(self, other: dict[str, Making], moved: dict[str, tuple[Making, int]]) -> None:
        """Only what is fresh on both ways to a place is fresh there; `moved` is what is so on one
        of them.
        """
        self.moved |= moved
        mine, self.made = self.made, {}
        older = {made for loop in self.loops for made in loop.before}
        for name in mine.keys() & other.keys():
            one, two = mine[name], other[name]
            if one is two or (one.kind == two.kind and one in older):
                self.made[name] = one
            elif one.kind == two.kind:
                has_rows = one.has_rows and two.has_rows
                has_rows = has_rows and (not one.holds or two.hold(one.holds))
                made = Making(one.kind, has_rows, two.holds)
                self.made[name] = two if two in older else made


def making(node: ast.expr, names: KnownNames) -> Making | None:
    """The list or the set that an expression makes and that nobody else has; None for any other."""
    if isinstance(node, ast.ListComp):
        return _of_comprehension(node, names)
    if isinstance(node, ast.List):
        if len(node.elts) == 1 and isinstance(node.elts[0], ast.Starred):
            return _of_elements(node.elts[0].value, names)
        return _holding("list", node.elts, names)
    if isinstance(node, ast.Set | ast.SetComp):
        return Making("set")
    if isinstance(node, ast.IfExp):
        one, two = making(node.body, names), making(node.orelse, names)
        is_same = one is not None and two is not None and one.kind == two.kind
        return Making(one.kind) if one is not None and is_same else None
    if isinstance(node, ast.BinOp):
        return _joined(node, names)
    if isinstance(node, ast.Dict | ast.DictComp):
        values = node.values if isinstance(node, ast.Dict) else [node.value]
        return _holding("dict", values, names)
    if _is_copy(node):
        return Making("list")
    if (inner := copied(node)) is not None:
        return making(inner, names)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if names.is_own(node.func.id):
            given = names.given_by(node.func.id)
            return None if given is None else Making(given.kind, given.has_rows, given.holds)
        kind = _MAKERS.get(node.func.id.removeprefix("%"))
        if kind == "dict":
            return _made_dict(node)
        if kind == "list" and node.args:
            return _of_elements(node.args[0], names)
        return None if kind is None else Making(kind, not node.args)
    return None


def _of_elements(node: ast.expr, names: KnownNames) -> Making:
    """A list of the elements that an expression gives one after the other."""
    if isinstance(node, ast.GeneratorExp | ast.ListComp):
        return _of_comprehension(node, names)
    return Making("list", True, "list") if _are_listed(node, names) else Making("list")


def _of_comprehension(node: ast.ListComp | ast.GeneratorExp, names: KnownNames) -> Making:
    """A list of what a comprehension gives: a slice of a list is another list."""
    part = node.elt
    if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Slice):
        lists = [c.target for c in node.generators if _gives_lists(c.iter, names)]
        found = [t.id for t in lists if isinstance(t, ast.Name)]
        is_list = isinstance(part.value, ast.Name) and part.value.id in found
        return Making("list", is_list, "list" if is_list else "")
    return _holding("list", [part], names)


def _gives_lists(node: ast.expr, names: KnownNames) -> bool:
    """Whether a container is known to have lists as its elements."""
    if isinstance(node, ast.Name):
        return names.holds_lists(node.id)
    return _are_listed(node, names)


def _holding(kind: str, elements: list[ast.expr], names: KnownNames) -> Making:
    """A container of these elements."""
    kinds = {_row_kind(element, names) for element in elements}
    return Making(kind, len(kinds) < 2 and "" not in kinds, "".join(kinds))


def _made_dict(node: ast.Call) -> Making:
    """What `dict()`, `defaultdict(list)`, `Counter(xs)` make."""
    if not node.args:
        return Making("dict", True)
    factory = node.args[0].id if isinstance(node.args[0], ast.Name) else ""
    is_empty = len(node.args) == 1 and factory in ("list", "set")
    return Making("dict", is_empty, factory if is_empty else "")


def copied(node: ast.expr) -> ast.expr | None:
    """What `copy.deepcopy(x)` is a copy of."""
    if not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords:
        return None
    function = node.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return node.args[0] if name == "deepcopy" else None


def _is_copy(node: ast.expr) -> bool:
    """Whether it is `xs.copy()`, which tuples have not."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "copy"
        and not node.args
    )


def _row_kind(node: ast.expr, names: KnownNames) -> str:
    """The kind of an element that nobody else has; empty for any other."""
    made = making(node, names)
    return made.kind if made is not None and made.kind in ("list", "set") else ""


def _joined(node: ast.BinOp, names: KnownNames) -> Making | None:
    """`[x] * n`, in which each element stands n times, and `xs + [x]`."""
    parts = [making(part, names) for part in (node.left, node.right)]
    if not isinstance(node.op, ast.Add | ast.Mult) or not any(
        part is not None and part.kind == "list" for part in parts
    ):
        return None
    is_sum = isinstance(node.op, ast.Add)
    holds = {part.holds for part in parts if part is not None and part.has_rows} - {""}
    has_rows = is_sum and all(part is not None and part.has_rows for part in parts)
    return Making("list", has_rows and len(holds) < 2, "".join(holds))


def _are_listed(node: ast.expr, names: KnownNames) -> bool:
    """Whether it is `map(list, xs)`."""
    if not isinstance(node, ast.Call) or names.is_own("map") or names.is_own("list"):
        return False
    parts = [node.func, *node.args[:1]]
    return [n.id for n in parts if isinstance(n, ast.Name)] == ["map", "list"]
