"""Statements kept by the text of their lines, and a reader for lines that are written plainly.

Programs made in memory differ from one another by a line or two, so what a line says is kept for as
long as the process lives: parsed once, it is the same `Statement` in every program, and what later
stages know about it can be kept by its identity. That a name is a variable unless the DSL has it is
all that a line presumes: `Statement.names` are the variables that it needs.

Lines of the form that nearly all are written in - names, integers, calls and tuples - are read here
without Python's parser. That is a second way to read them, and it stands for one reason: for a
program of 8 such statements `ast.parse` alone takes 110 us, where all that is done here takes 60,
and its nodes are garbage to collect. It reads nothing that isn't wholly right: whatever it does not
expect is left to `frontend.parse`, which tells what is wrong or keeps the line under its text too.
`tests/frontend/test_lines.py` holds both to the same programs.
"""

from __future__ import annotations

import copyreg
import keyword
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from typing import Any, Final

from pipeline.frontend.program import (
    Builtin,
    Call,
    Expression,
    Literal,
    Program,
    Statement,
    StatementPlaces,
    TupleLiteral,
    Variable,
)
from pipeline.frontend.symbolic import row_of
from pipeline.frontend.units import Unit
from pipeline.ir.status import Limits
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.table import TABLE, on_change

MOST_LINES: Final = 100_000
"""At 800 bytes a line; where there are more, all are forgotten."""
MOST_INTEGER: Final = Limits().integer
MOST_NESTED: Final = 50

_HEAD = re.compile(
    r"def (?:solve|verify)_\w+\((\w+)(?:: ?[A-Z]\w*)?\)(?: ?-> ?[A-Z]\w*)?: *", re.ASCII
)
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,9})", re.ASCII)

_kept: dict[str, Statement | None] = {}
_UNREAD: Final = Statement("", Literal(None), (), "")
_ENDED: Final = -1

_call: Callable[[Any], Call] = partial(tuple.__new__, Call)


def keep(line: str, statement: Statement | None) -> Statement | None:
    """The statement that stands for this line from now on: the one kept, or else this one.

    None stands for a line that says nothing: one that is blank, or a comment.
    """
    if len(_kept) >= MOST_LINES:
        _kept.clear()
    return _kept.setdefault(line, statement)


def forget() -> None:
    """Forget all lines, as at the start of the process."""
    _kept.clear()


def alone(line: str, start: int, end: int) -> bool:
    """Whether the range is all that the line says: only such a line can be kept."""
    rest = line[end:].lstrip(" ")
    plain = line.isascii() and line.isprintable() and not line[:start].strip(" ")
    return plain and start > 0 and (not rest or rest[0] == "#")


def can_be_kept(target: str, names: Iterable[str]) -> bool:
    """Whether a statement means the same in every program whose variables it finds: not so where a
    word of the DSL is one of them, or a name that is called otherwise in the line.
    """
    return all(name not in WORDS and name[:1] != "%" for name in (target, *names))


def read_plain(unit: Unit) -> Program | None:
    """A solver all of whose lines are known or plain; None where there is any other."""
    if unit.shared or unit.used.meanings:
        return None
    head, *lines = unit.text.split("\n")
    parameter = _parameter(head)
    if not parameter:
        return None
    defined = {parameter}
    statements: list[Statement] = []
    numbers: list[int] = []
    indent, number = 0, unit.first_line
    for line in lines:
        number += 1
        statement = _kept.get(line, _UNREAD)
        if statement is _UNREAD:
            statement = _read_line(line)
            if statement is _UNREAD:
                return None
        if statement is None:
            continue
        if statement.indent != indent:
            if indent:
                return None
            indent = statement.indent
        target = statement.target
        if not defined.issuperset(statement.names):
            return None
        defined.add(target)
        if target == "return":
            indent = _ENDED
        statements.append(statement)
        numbers.append(number)
    if indent != _ENDED:
        return None
    return Program(unit.name, parameter, tuple(statements), unit.path, tuple(numbers))


@lru_cache(maxsize=1_000)
def _parameter(head: str) -> str:
    """The parameter of a solver that begins with this line; "" for any other line."""
    match = _HEAD.fullmatch(head)
    return match[1] if match and is_variable(match[1]) else ""


def is_variable(word: str) -> bool:
    """Whether an ASCII word can name a variable and names nothing of the DSL."""
    known = word in TABLE or word in CONSTANTS
    return word.isidentifier() and not known and not keyword.iskeyword(word)


def _read_line(line: str) -> Statement | None:
    """The statement of a line, or None for a blank one or a comment; it is kept.

    _UNREAD where the line is not plain.
    """
    code = line.partition("#")[0]
    if not line.isprintable() or not code.isascii():
        return _UNREAD
    body = code.strip(" ")
    if not body:
        return keep(line, None)
    indent = code.index(body[0])
    if body.startswith("return "):
        target, text = "return", body[7:]
    else:
        target, _, text = body.partition(" = ")
        if not is_variable(target):
            return _UNREAD
    names: list[str] = []
    value = _read(text, names)
    if value is None or not indent:
        return _UNREAD
    return keep(line, Statement(target, value, tuple(dict.fromkeys(names)), line, indent))


WORDS: Final[dict[str, Expression]] = {
    **{name: Literal(value) for name, value in CONSTANTS.items()},
    "True": Literal(True),
    "False": Literal(False),
    "None": Literal(None),
}
_CONSTANT_WORDS: Final = tuple(WORDS)


@lru_cache(maxsize=MOST_LINES)
def _operand(word: str) -> Expression | None:
    """The variable or the integer that is no word of the DSL; None for what is neither.

    A word that ends with a bracket is a variable that is called.
    """
    name = word[:-1] if word[-1] == "(" else word
    if is_variable(name):
        return Variable(name)
    if _INTEGER.fullmatch(word) and abs(int(word)) <= MOST_INTEGER:
        return Literal(int(word))
    return None


@on_change
def _take_rows() -> None:
    """Know the words that the table has now, and nothing that was read with others."""
    for word in [*WORDS][len(_CONSTANT_WORDS) :]:
        del WORDS[word]
    WORDS.update({name: Builtin(row) for name, row in TABLE.items()})
    WORDS.update({f"{name}(": Builtin(row) for name, row in TABLE.items()})
    forget()
    _parameter.cache_clear()
    _operand.cache_clear()


def _read(text: str, names: list[str]) -> Expression | None:
    """The expression that a text is; its variables are added to the names.

    None where it is not plain. Between two tokens it is at an operand's place or after one
    (`operand`); keywords wait among the arguments, as strings, for their call to be closed.
    """
    if text.count("(") > MOST_NESTED:
        return None
    text = text.replace("(", "( ").replace(")", " ) ").replace(",", " , ").replace("=", "= ")
    around: list[tuple[Expression | None, list[Any]]] = []
    function: Expression | None = None
    arguments: list[Any] = []
    operand: Expression | None = None
    for token in text.split():
        if token == ",":
            arguments.append(operand)
            if operand is None:
                return None
            operand = None
        elif token == ")":
            arguments.append(operand)
            if operand is None or not around:
                return None
            operand = _closed(function, arguments)
            if operand is None:
                return None
            function, arguments = around.pop()
        elif operand is None:
            if token[-1] == "=":
                arguments.append(token)
                continue
            found = WORDS.get(token)
            if found is None and token != "(":
                found = _operand(token)
                if found is None:
                    return None
                if type(found) is Variable:
                    names.append(found.name)
            if token[-1] == "(":
                around.append((function, arguments))
                function, arguments = found, []
            else:
                operand = found
        elif token == "(" and type(operand) is not Literal:
            around.append((function, arguments))
            function, arguments, operand = operand, [], None
        else:
            return None
    return None if around or arguments else operand


def _closed(function: Expression | None, arguments: list[Any]) -> Expression | None:
    """The call or, without a function, the tuple that a closing bracket ends; None if neither."""
    if type(function) is Builtin:
        row = function.row
        if str in map(type, arguments) or len(arguments) != len(row.parameters):
            return _with_keywords(function, arguments)
        return _call((function, tuple(arguments)))
    if str in map(type, arguments):
        return None
    if function is not None:
        return _call((function, tuple(arguments)))
    return TupleLiteral(tuple(arguments)) if len(arguments) > 1 else None


def _with_keywords(function: Builtin, arguments: list[Any]) -> Expression | None:
    """The call of a primitive with keyword arguments put in their places; None if that is wrong."""
    parameters = function.row.parameters
    count = next((k for k, a in enumerate(arguments) if type(a) is str), len(arguments))
    words, values = arguments[count::2], arguments[count + 1 :: 2]
    if any(type(w) is not str for w in words) or any(type(v) is str for v in values):
        return None
    given = dict(zip([word[:-1] for word in words], values, strict=True))
    wanted = parameters[count:]
    if given.keys() != set(wanted) or count + len(words) != len(parameters):
        return None
    return Call(function, (*arguments[:count], *(given[name] for name in wanted)))


# -- statements for other processes


def _reduced(statement: Statement) -> tuple[Any, ...]:
    """How a statement is pickled: where its line is known, it is that line's in any process.

    Else its places go with it: those of its parts beside these, as they are known by identity.
    """
    places: tuple[Any, ...] | None = None
    if not statement.line:
        known = statement.places
        parts = [(p, known.parts[id(p)]) for p in _parts(statement.value) if id(p) in known.parts]
        places = known.target, known.value, parts
    content = statement.target, statement.value, statement.names, statement.line, statement.indent
    return _restored, (*content, places)


def _restored(
    target: str,
    value: Expression,
    names: tuple[str, ...],
    line: str,
    indent: int,
    places: tuple[Any, ...] | None,
) -> Statement:
    if places is not None:
        own, of_value, parts = places
        known = StatementPlaces(own, of_value, {id(part): found for part, found in parts})
        return Statement(target, value, names, line, indent, known)
    kept = keep(line, Statement(target, value, names, line, indent))
    assert kept is not None
    return kept


def _parts(value: Any) -> Iterator[Any]:
    """All in an expression that may have a place of its own."""
    yield value
    if isinstance(value, tuple) and not isinstance(value, Variable | Literal | Builtin):
        for part in value:
            if isinstance(part, tuple):
                yield from _parts(part)


def _builtin(name: str, written: str = "") -> Builtin:
    if written:
        return Builtin(row_of(name).row, written)
    found = WORDS.get(name)
    return found if isinstance(found, Builtin) else row_of(name)


copyreg.pickle(Statement, _reduced)
copyreg.pickle(Builtin, lambda builtin: (_builtin, (builtin.row.name, builtin.written)))
