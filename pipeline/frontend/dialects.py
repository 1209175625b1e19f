"""Dialects: other names for the words of the DSL, in the solvers of a corpus.

A dialect is applied to Python's tree of a solver before that is read, so that all else knows the
words of the DSL only. It gives names to what has none, and never another meaning to a word that
there is; so what is known of a line that is written without it holds in every dialect. A name that
a solver assigns is its own.
"""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pipeline.frontend.known_lines import WORDS
from pipeline.frontend.reading import placed_at
from pipeline.primitives.table import TABLE

BINDERS: Final = {"lbind": 0, "rbind": -1}
"""What fixes an argument of a function, and the place of that."""


class Fixed(NamedTuple):
    """A primitive some of whose arguments are given, by their names."""

    primitive: str
    arguments: Mapping[str, ast.expr]

    @property
    def free(self) -> list[str]:
        """The parameters that are left."""
        return [p for p in TABLE[self.primitive].parameters if p not in self.arguments]


class Chooser(NamedTuple):
    """A function that is chosen by a constant at one place, from 0, of the arguments."""

    place: int
    meanings: Mapping[str, Meaning]


Meaning = str | ast.expr | Fixed | Chooser
"""What a name stands for: a word of the DSL, a constant, a function."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The names of a dialect, and the suffixes that a word may have without meaning another."""

    names: Mapping[str, Meaning]
    suffixes: frozenset[str]

    @classmethod
    @lru_cache(maxsize=100)
    def of(cls, text: str) -> Dialect:
        """The dialect that a JSON text says: see `config.vocabularies`."""
        found = json.loads(text)
        names = {name: meaning_of(value) for name, value in found["names"].items()}
        names |= {name: constant(value) for name, value in found["constants"].items()}
        return cls(names, frozenset(found["suffixes"]))

    def meaning(self, name: str) -> Meaning | None:
        """What a name stands for; None for one that is not the dialect's."""
        if name in WORDS:
            return None
        found = self.names.get(name)
        if found is not None:
            return found
        word, _, suffix = name.rpartition("_")
        if suffix not in self.suffixes:
            return None
        return word if word in WORDS else self.names.get(word)


def meaning_of(value: Any) -> Meaning:
    """The meaning that a part of the JSON text says."""
    if isinstance(value, str):
        return value
    if "choices" in value:
        choices = {name: meaning_of(inner) for name, inner in value["choices"].items()}
        return Chooser(value["argument"] - 1, choices)
    arguments = value["arguments"].items()
    return Fixed(value["primitive"], {name: constant(inner) for name, inner in arguments})


def constant(value: Any) -> ast.expr:
    """A word, a number, a truth value or a pair of numbers as Python's parser gives it."""
    if isinstance(value, str):
        return ast.Name(value, ast.Load())
    if isinstance(value, list):
        return ast.Tuple([constant(part) for part in value], ast.Load())
    return ast.Constant(value)


def free_of(meaning: Meaning) -> int | None:
    """How many arguments a function of a dialect takes; None where a word is no primitive."""
    if isinstance(meaning, Fixed):
        return len(meaning.free)
    row = TABLE.get(meaning) if isinstance(meaning, str) else None
    return None if row is None else len(row.parameters)


class Misuse(NamedTuple):
    """What is wrong with the use of a dialect's name, and where."""

    node: ast.AST
    message: str
    note: str


WRONG_NAME: Final = "%dialect"
"""What stands in the place of what is wrong."""


def _assigned(tree: ast.AST) -> Iterator[str]:
    """The names that a text gives to something of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


class Translation(ast.NodeTransformer):
    """Writes the words of the DSL in the place of a dialect's, in all texts of a solver.

    own: the nodes whose names are the solver's own.
    """

    def __init__(self, dialect: Dialect, own: Iterable[ast.AST]) -> None:
        self.dialect = dialect
        self.own = frozenset(name for node in own for name in _assigned(node))
        self.found: list[Misuse] = []
        self.changes = 0

    def translate(self, node: ast.AST) -> list[Misuse]:
        """Change a tree; a statement that is has the attribute `is_translated`. Gives what is
        wrong, in whose place is WRONG_NAME.
        """
        self.found = []
        self.visit(node)
        return self.found

    def visit(self, node: ast.AST) -> Any:
        """A node in the words of the DSL; a statement also knows whether it was."""
        before = self.changes
        made = super().visit(node)
        if isinstance(node, ast.stmt) and self.changes != before:
            made.is_translated = True
        return made

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A name that is not called."""
        meaning = self._meaning(node)
        if meaning is None:
            return node
        if isinstance(meaning, Chooser):
            return self._wrong(node, *_not_chosen(node.id, meaning))
        return self._placed(_value(meaning), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A call, of a name of the dialect or with one."""
        meaning = self._meaning(node.func)
        if meaning is None:
            return self._bound(node) or self.generic_visit(node)
        assert isinstance(node.func, ast.Name)
        name, arguments = node.func.id, [*node.args]
        if isinstance(meaning, Chooser):
            if len(arguments) <= meaning.place:
                return self._wrong(node, *_not_chosen(name, meaning))
            choice = meaning.meanings.get(_text(arguments[meaning.place]))
            if choice is None:
                return self._wrong(arguments[meaning.place], *_no_choice(name, meaning))
            del arguments[meaning.place]
            meaning = choice
        if isinstance(meaning, Fixed):
            row = TABLE[meaning.primitive]
            given, fixed = iter(arguments), meaning.arguments
            parts = [_value(fixed[p]) if p in fixed else next(given, None) for p in row.parameters]
            arguments = [*filter(None, parts), *given]
            meaning = meaning.primitive
        keywords = [self.visit(keyword) for keyword in node.keywords]
        values = [self.visit(argument) for argument in arguments]
        made = ast.Call(self._placed(_value(meaning), node.func), values, keywords)
        return self._placed(made, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        """`from dsl import name as other`."""
        for alias in node.names:
            meaning = self.dialect.meaning(alias.name) if alias.asname else None
            if isinstance(meaning, str):
                alias.name = meaning
        return node

    def _meaning(self, node: ast.AST) -> Meaning | None:
        if not isinstance(node, ast.Name) or node.id in self.own:
            return None
        return self.dialect.meaning(node.id)

    def _bound(self, node: ast.Call) -> ast.AST | None:
        """`rbind(name, constant)`, where that chooses what the name stands for; None for others."""
        binder = node.func.id if isinstance(node.func, ast.Name) else ""
        choice = self._meaning(node.args[0]) if len(node.args) == 2 else None
        if binder not in BINDERS or binder in self.own or not isinstance(choice, Chooser):
            return None
        count = 1 + max(free_of(m) or 0 for m in choice.meanings.values())
        assert isinstance(node.args[0], ast.Name)
        name = node.args[0].id
        if BINDERS[binder] % count != choice.place:
            return self._wrong(node, *_not_chosen(name, choice))
        chosen = choice.meanings.get(_text(node.args[1]))
        if chosen is None:
            return self._wrong(node.args[1], *_no_choice(name, choice))
        return self._placed(_value(chosen), node)

    def _placed(self, made: ast.expr, node: ast.AST) -> ast.expr:
        """A new node where an old one stood."""
        self.changes += 1
        return placed_at(ast.copy_location(made, node), node)

    def _wrong(self, node: ast.AST, message: str, note: str) -> ast.expr:
        self.found.append(Misuse(node, message, note))
        return self._placed(ast.Name(WRONG_NAME, ast.Load()), node)


def _value(meaning: Meaning) -> ast.expr:
    """A function or a constant as a fresh expression."""
    if isinstance(meaning, str):
        return ast.Name(meaning, ast.Load())
    if isinstance(meaning, Fixed):
        names = {p: f"_{k}" for k, p in enumerate(meaning.free)}
        parameters = TABLE[meaning.primitive].parameters
        parts = [meaning.arguments.get(p) or names[p] for p in parameters]
        values = [_value(part) for part in parts]
        spec = ast.arguments([], [ast.arg(name) for name in names.values()], None, [], [], None, [])
        return ast.Lambda(spec, ast.Call(_value(meaning.primitive), values, []))
    assert isinstance(meaning, ast.expr)
    return copy.deepcopy(meaning)


def _text(node: ast.expr) -> str:
    """What a constant says: a name, a number, a string; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return f"-{_text(node.operand)}"
    return ""


def _not_chosen(name: str, choice: Chooser) -> tuple[str, str]:
    message = f"{name!r} stands for a function that its argument {choice.place + 1} chooses"
    return message, f"call it with one of {', '.join(choice.meanings)} there"


def _no_choice(name: str, choice: Chooser) -> tuple[str, str]:
    message = f"argument {choice.place + 1} of {name!r} chooses what it is, and must be a constant"
    return message, f"it is one of {', '.join(choice.meanings)}"
