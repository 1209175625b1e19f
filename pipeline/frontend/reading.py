"""What is common to all that reads Python's tree of a solver: places, reports, names, scopes.

What reads a kind of node is a function of a table (`Forms`), which is given the reader and the
node, and gives the expression. Where something is wrong it reports it and gives `WRONG`: the
statement that holds it is then `Wrong` as a whole.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple, NoReturn, TypeVar

from pipeline.diagnostics import Diagnostic, Span
from pipeline.frontend.constructs import NO_FUNCTIONS, SHARED, Refused, refused
from pipeline.frontend.fresh import KnownNames, Making
from pipeline.frontend.known_lines import MOST_NESTED, WORDS
from pipeline.frontend.program import Expression, Place, Variable, Wrong
from pipeline.frontend.python_library import Key
from pipeline.frontend.scoping import DictKind, NameScope, assigned_in, functions_in
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.table import TABLE

WRONG: Final = Wrong()
_MOST_SUGGESTIONS = 20
_LOOKED_AT: Final = (ast.Name, ast.Subscript, ast.GeneratorExp)

E = TypeVar("E", bound="Expression")
N = TypeVar("N", bound=ast.AST)


class Imported(NamedTuple):
    """A name of the standard library, at a node."""

    node: Any
    key: Key


class Reported(Exception):
    """Raised where a part of an expression was reported as wrong, and the rest is not read."""


@dataclass(frozen=True)
class Passage:
    """A text that begins at a line of a file."""

    path: str
    first_line: int
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines as Python counts them."""
        return self.text.split("\n")

    @cached_property
    def is_ascii(self) -> bool:
        """Whether columns are bytes."""
        return self.text.isascii()

    @cached_property
    def may_take(self) -> bool:
        """Whether something may be taken out of a list."""
        return ".pop" in self.text

    def place(self, node: Any) -> Place:
        """The node's first line, from its start to its end on that line; columns in characters.

        Lines count from 0 here: from the text's first.
        """
        line = node.lineno
        if self.is_ascii and node.end_lineno == line:
            return line - 1, node.col_offset + 1, max(1, node.end_col_offset - node.col_offset)
        text = self._line(line)
        start = _characters(text, node.col_offset)
        end = _characters(text, node.end_col_offset) if node.end_lineno == line else len(text)
        return line - 1, start + 1, max(1, end - start)

    def span(self, node: ast.AST) -> Span:
        """The node's place in the file."""
        line, column, width = self.place(node)
        return Span(self.path, self.first_line + line, column, width)

    def name_span(self, node: Any) -> Span:
        """Where the name of a function stands that is being defined."""
        base = self.span(node)
        text, name = self._line(node.lineno), node.name.rpartition(".")[2]
        column = text.find(name, base.column + 2) + 1
        return Span(base.path, base.line, column or base.column, len(name))

    def _line(self, number: int) -> str:
        """A line, from 1; empty where a node stands behind the text, as what is put in may."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


@dataclass(eq=False)
class Reading:
    """State of reading one solver.

    The first two tables say what reads which node. source, scope: of the place at hand. top: the
    scope of the solver itself. found: what is wrong so far. near: what libraries have that an
    unknown name may have meant. temporary: how many names were made up.
    passing: the nodes of names, and of their parts, whose values are not kept; asking: those whose
    elements are not kept either. walked: the nodes of what is gone through; consumed: those of the
    iterators that are gone through at once; dicts: those that are known to be dicts.
    trees: all that the solver is read from; texts: those that are written out in it, with their
    places.
    may_have_dicts: whether one of the texts has a word or a sign without which there are none.
    parted: the names to parts of which something was assigned that can't be.

    parts, start, names, is_plain, is_wrong: of the statement at hand, see `begin`.
    """

    values: Mapping[type, Callable[[Reading, Any], Expression]]
    builtins: Mapping[str, Callable[[Reading, ast.Call], Expression]]
    source: Passage
    scope: NameScope
    top: NameScope
    found: list[Diagnostic] = field(default_factory=list)
    near: tuple[str, ...] = ()
    unknown: set[str] = field(default_factory=set)
    parts: dict[int, tuple[Place, ...]] = field(default_factory=dict)
    names: dict[str, None] = field(default_factory=dict)
    start: int = 0
    nesting: int = 0
    temporary: int = 0
    passing: set[int] = field(default_factory=set)
    parted: set[str] = field(default_factory=set)
    asking: set[int] = field(default_factory=set)
    walked: set[int] = field(default_factory=set)
    consumed: set[int] = field(default_factory=set)
    dicts: set[int] = field(default_factory=set)
    may_have_dicts: bool = True
    trees: list[ast.AST] = field(default_factory=list)
    texts: dict[str, int] = field(default_factory=dict)
    is_plain: bool = True
    is_wrong: bool = False

    def begin(self, node: ast.stmt) -> None:
        """Go on to a statement of the program itself: nothing of it is known yet.

        is_plain: whether it is written in names, integers, calls of the DSL and tuples only, and in
        no dialect's words.
        is_wrong: whether something in it was reported, or depends on what was.
        """
        self.start = node.lineno - 1
        self.parts, self.names = {}, {}
        self.nesting, self.is_wrong = 0, False
        self.is_plain = not getattr(node, "is_translated", False)

    def place_of(self, text: str) -> int:
        """The place of a text among those that are written out, from 1 on; 0 for the empty one."""
        if not self.texts:
            nodes = (node for tree in self.trees for node in ast.walk(tree))
            written = {n.value for n in nodes if isinstance(n, ast.Constant)}
            texts = sorted(t for t in written if isinstance(t, str) and t)
            self.texts.update({text: k for k, text in enumerate(texts, 1)})
        return self.texts[text] if text else 0

    # -- what is wrong

    def report(self, span: Span, code: str, message: str, *notes: str) -> Wrong:
        """Note one error and go on."""
        self.found.append(Diagnostic(span, code, message, notes))
        self.is_wrong = True
        return WRONG

    def wrong(self, node: ast.AST, code: str, message: str, *notes: str) -> Wrong:
        """Note one error at a node and go on."""
        return self.report(self.source.span(node), code, message, *notes)

    def refuse(self, node: ast.AST, what: Refused | None = None) -> Wrong:
        """Report a construct that no solver has; the names that it assigns are wrong."""
        kind, note = what or refused(node)
        self.scope.holder.wrong.update(assigned_in([node]))
        if isinstance(node, ast.Global | ast.Nonlocal):
            self.scope.holder.wrong.update(node.names)
        return self.wrong(node, "unsupported-syntax", f"{kind} is not ARC-DSL", note)

    def stop(self, node: ast.AST, code: str, message: str, *notes: str) -> NoReturn:
        """Report an error after which the expression at hand is not read on."""
        self.wrong(node, code, message, *notes)
        raise Reported

    # -- expressions

    def expression(self, node: ast.expr) -> Expression:
        """One expression; WRONG where it was reported."""
        form = self.values.get(type(node))
        if form is None:
            return self.refuse(node)
        if self.nesting > MOST_NESTED and not isinstance(node, ast.Name | ast.Constant):
            what = "calls" if isinstance(node, ast.Call | ast.Tuple) else "expressions"
            message = f"{what} nest more than {MOST_NESTED} deep"
            return self.wrong(node, "too-deep", message, "give inner calls names")
        self.nesting += 1
        try:
            return form(self, node)
        except Reported:
            return WRONG
        finally:
            self.nesting -= 1

    def expressions(self, nodes: Iterable[ast.expr]) -> tuple[Expression, ...]:
        """Several expressions, each of which is read whatever the others are."""
        return tuple([self.expression(node) for node in nodes])

    def made(self, value: E, node: ast.AST, *parts: ast.AST) -> E:
        """The expression, from now on with its place and those of its parts, in their order."""
        self.parts[id(value)] = tuple([self.placed(n) for n in (node, *parts)])
        return value

    def placed(self, node: ast.AST) -> Place:
        """Where a node stands in the statement at hand."""
        line, column, width = self.source.place(node)
        return line - self.start, column, width

    def odd(self) -> None:
        """The statement at hand is not one that is kept by its line."""
        self.is_plain = False

    def looked_at(self, *nodes: ast.expr | None) -> None:
        """These are about to be read by what does not keep their values."""
        self.passing.update(id(n) for n in nodes if isinstance(n, _LOOKED_AT))

    def asked(self, *nodes: ast.expr | None) -> None:
        """These are about to be read by what keeps neither their values nor their elements."""
        self.looked_at(*nodes)
        self.asking.update(id(node) for node in nodes)

    def tested(self, node: ast.expr) -> None:
        """This is about to be read by what asks only whether it is true."""
        if isinstance(node, ast.BoolOp):
            for value in node.values:
                self.tested(value)
        else:
            self.walk(node)
            self.asked(node)

    def consume(self, *nodes: ast.expr) -> None:
        """These are about to be read by what goes through them at once, and keeps none of them."""
        self.looked_at(*nodes)
        self.consumed.update(id(node) for node in nodes if isinstance(node, ast.Call))

    def walk(self, *nodes: ast.expr) -> None:
        """These are about to be read by what goes through them: a dict is its keys there."""
        self.walked.update(map(id, nodes))

    # -- names

    def is_dict(self, name: str) -> bool:
        """Whether a name is that of a dict here."""
        return self.dict_kind(name) is not None

    def dict_kind(self, name: str) -> DictKind | None:
        """The kind of dict that a name is here; None for what is no dict."""
        scope = self.scope
        while name not in scope.assigned and scope.parent is not None:
            scope = scope.parent
        return scope.dicts.get(name) if name in scope.assigned else None

    def name(self, node: ast.AST, name: str) -> Expression | None:
        """What a name stands for: a variable, a word of the DSL; WRONG where that was reported.

        None for a name that nothing here has.
        """
        scope: NameScope | None = self.scope
        is_here = True
        while scope is not None:
            if name in scope.library:
                return self.values[Imported](self, Imported(node, scope.library[name]))
            if name in scope.assigned:
                found = self._own(scope, node, name, is_here)
                if found is not None:
                    return found
            is_here = is_here and scope.kind == "comprehension"
            scope = scope.parent
        return WORDS.get(name.removeprefix("%"))

    def _own(self, scope: NameScope, node: ast.AST, name: str, is_here: bool) -> Expression | None:
        """The variable of a scope; in the file itself a name is also what it was before."""
        if name in scope.wrong:
            self.is_wrong = True
            return WRONG
        if is_here and name not in scope.seen and not any(name in r for r in scope.repeated):
            if scope.kind == "file" and self.is_known(name):
                return None
            scope.wrong.add(name)
            message = f"{shown(name)!r} is used before it is assigned"
            note = f"it is assigned in line {scope.assigned[name]}"
            return self.wrong(node, "used-before-assignment", message, note)
        if not scope.fresh.read(name):
            return self.refuse(node, SHARED)
        if id(node) not in self.passing:
            scope.fresh.keep(node, name, by_function=not is_here)
            if name in scope.rows_of:
                scope.holder.fresh.keep_rows(scope.rows_of[name])
        elif id(node) not in self.asking:
            scope.fresh.keep_rows(name)
        if scope.kind == "file" or scope is self.top:
            self.names[scope.spoken(name)] = None
        return Variable(scope.spoken(name))

    def library_key(self, name: str) -> Key | None:
        """What a name is of Python's standard library; None for any other."""
        scope = self.scope
        while name not in scope.library and name not in scope.assigned and scope.parent is not None:
            scope = scope.parent
        return scope.library.get(name)

    def signature(self, name: str) -> ast.arguments | None:
        """The parameters of a function with a name that is for good its name; None for another."""
        scope = self.scope
        while name not in scope.assigned and scope.parent is not None:
            scope = scope.parent
        spec = scope.functions.get(name)
        return None if spec is None or spec.vararg or spec.kwarg else spec

    def function(self, name: str) -> ast.AST | None:
        """The function that a name is for good; None for another name."""
        scope = self.scope
        while name not in scope.assigned and scope.parent is not None:
            scope = scope.parent
        found = functions_in(scope.nodes).get(name, []) if name in scope.functions else []
        return found[0] if found else None

    def is_own(self, name: str) -> bool:
        """Whether a name is assigned in one of the scopes around the place at hand."""
        is_here, scope = True, self.scope
        while name not in scope.assigned:
            is_here = is_here and scope.kind == "comprehension"
            if scope.parent is None:
                return False
            scope = scope.parent
        return not (is_here and scope.kind == "file") or name in scope.seen

    def scope_with(self, name: str) -> NameScope:
        """The scope whose name a name is; that of the file for any other."""
        scope = self.scope
        while name not in scope.assigned and scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def known_names(self) -> KnownNames:
        """What is known of names here."""
        return KnownNames(self.is_own, self._holds_lists, self._given_by)

    def _given_by(self, name: str) -> Making | None:
        """What a function with a name for good gives, if nobody else has it."""
        scope = self.scope_with(name)
        return scope.gives.get(name) if name in scope.functions else None

    def _holds_lists(self, name: str) -> bool:
        made = self.scope.holder.fresh.made.get(name)
        return made is not None and made.has_lists

    def is_wrong_name(self, name: str) -> bool:
        """Whether what a name stands for was reported."""
        scope = self.scope
        while name not in scope.assigned and scope.parent is not None:
            scope = scope.parent
        return name in scope.wrong

    def is_constant(self, name: str) -> bool:
        """Whether a name means here what it means everywhere in the file, and at any time."""
        scope = self.scope
        while name not in scope.assigned and scope.parent is not None:
            scope = scope.parent
        if name in scope.assigned:
            return scope.kind == "file" and name in scope.constants
        return self.is_known(name)

    def is_known(self, name: str) -> bool:
        """Whether the DSL, or Python as far as solvers have it, knows a name."""
        return name in WORDS or name in self.builtins

    def unknown_name(self, node: ast.AST, name: str) -> Wrong:
        """Report a name that there is not, once."""
        self.is_wrong = True
        if name in self.unknown:
            return WRONG
        self.unknown.add(name)
        if name in NO_FUNCTIONS:
            message = f"`{name}` is not ARC-DSL"
            return self.wrong(node, "unsupported-syntax", message, NO_FUNCTIONS[name])
        close: list[str] = []
        if len(self.unknown) <= _MOST_SUGGESTIONS:
            known = [*self._variables(), *self.near, *TABLE, *CONSTANTS, *self.builtins]
            known = [word for word in known if word[0] != "%"]
            close = difflib.get_close_matches(name, known, n=1)
        notes = [f"did you mean {close[0]!r}?"] if close else []
        return self.wrong(node, "unknown-name", f"{name!r} is not defined here", *notes)

    def _variables(self) -> list[str]:
        found: list[str] = []
        scope: NameScope | None = self.scope
        while scope is not None:
            found += [name for name in scope.assigned if name in scope.seen]
            scope = scope.parent
        return found

    def assign(self, name: str) -> None:
        """From here on a name has a value."""
        scope = self.scope.holder
        scope.seen.add(name)
        scope.wrong.discard(name)
        scope.fresh.assign(name)

    def spare(self) -> str:
        """A name that no solver can have."""
        self.temporary += 1
        return f"%{self.temporary}"

    def spare_variable(self, node: ast.expr | ast.stmt) -> str:
        """A name that no solver can have, of the function at hand."""
        name = self.spare()
        scope = self.scope.holder
        scope.assigned[name] = self.source.first_line + node.lineno - 1
        scope.seen.add(name)
        return name


def shown(name: str) -> str:
    """A name as its solver has it: that of a function that was put in has a number behind it."""
    return name.removeprefix("%").partition(".")[0] if name.startswith("%") else name


def placed_at(made: N, node: ast.AST) -> N:
    """A node that was made, and all in it that has no place, in the place of another.

    Python's own function for that leaves a circle behind, which only the collector finds.
    """
    for part in ast.walk(made):
        if not hasattr(part, "lineno"):
            ast.copy_location(part, node)
    return made


def _characters(text: str, offset: int) -> int:
    """How many characters the first `offset` bytes of a line are."""
    return offset if text.isascii() else len(text.encode()[:offset].decode(errors="replace"))
