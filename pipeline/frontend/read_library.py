"""What is imported of Python's standard library: its functions, called or as values.

A call is that of the text which takes as many arguments (see `python_library`). The few functions
for which no text says what they do are read by the table `SPECIAL`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, Final

from pipeline.frontend.constructs import Refused
from pipeline.frontend.known_lines import WORDS
from pipeline.frontend.program import Builtin, Expression, Literal
from pipeline.frontend.python_library import DEFINITIONS, MODULES, Key
from pipeline.frontend.read_fractions import FRACTIONS, INFINITE
from pipeline.frontend.read_texts import call_text, read_text
from pipeline.frontend.read_values import let
from pipeline.frontend.reading import Imported, Reading, placed_at
from pipeline.frontend.scoping import placed_parameters


def library_key(reader: Reading, node: ast.expr) -> Key | None:
    """What a name, or one behind a dot, is of the standard library; None for anything else."""
    if isinstance(node, ast.Name):
        return reader.library_key(node.id)
    if not isinstance(node, ast.Attribute):
        return None
    if isinstance(node.value, ast.Name):
        name = node.value.id
        module = reader.library_key(name)
        if module is None and name in MODULES and not reader.is_own(name) and name not in WORDS:
            module = name, ""
    else:
        module = library_key(reader, node.value)
    if module is None:
        return None
    return module[0], f"{module[1]}.{node.attr}" if module[1] else node.attr


def read_imported(reader: Reading, part: Imported) -> Expression:
    """A function of the standard library as a value."""
    node, key = part
    if key == ("math", "inf"):
        return Literal(INFINITE)
    texts = DEFINITIONS.get(key)
    if texts is None:
        return refuse_imported(reader, node, key)
    return read_text(reader, texts[0], node)


def refuse_imported(reader: Reading, node: ast.expr, key: Key) -> Expression:
    """Report what is not taken of the standard library."""
    name = key[1] or key[0]
    note = f"nothing is imported: write the function `{name}` in this file"
    return reader.refuse(node, Refused(f"`{name}` of `{key[0]}`", note))


def read_imported_call(reader: Reading, node: ast.Call, key: Key) -> Expression:
    """The call of a function of the standard library."""
    reader.odd()
    if key[0] == "collections" and key[1] in reader.builtins:
        name = ast.copy_location(ast.Name(f"%{key[1]}", ast.Load()), node.func)
        return reader.expression(ast.copy_location(ast.Call(name, node.args, node.keywords), node))
    if key[0] == "math" or (id(node) in reader.consumed and key != ("itertools", "repeat")):
        reader.consume(*node.args)
        stars = [a.value for a in node.args if isinstance(a, ast.Starred)]
        reader.asked(*(node.args if key[1] == "chain.from_iterable" else stars))
    special = SPECIAL.get(key)
    if special is not None and (found := special(reader, node)) is not None:
        return found
    texts = DEFINITIONS.get(key)
    if texts is None:
        return refuse_imported(reader, node.func, key)
    args = _placed(texts, node)
    if args is None:
        note = "give it positional arguments, as many as it takes"
        what = Refused(f"`{key[1]}` with such arguments", note)
        return reader.refuse(node, what)
    fitting = [text for text in texts if _takes(text, len(args))]
    if not fitting:
        counts = " or ".join(str(n) for n in sorted(n for text in texts for n in _counts(text)))
        message = f"{key[1]} takes {counts} arguments here, got {len(args)}"
        return reader.wrong(node, "wrong-arity", message)
    return call_text(reader, node, fitting[0], *args)


def _placed(texts: Sequence[str], node: ast.Call) -> list[ast.expr] | None:
    """The arguments by place, those that have names behind the others; None where a text's function
    has no such parameters, or not there.
    """
    if any(isinstance(a, ast.Starred) for a in node.args):
        return None
    args, named = [*node.args], {k.arg: k.value for k in node.keywords}
    made: Any = ast.parse(texts[0]).body[0]
    for parameter in placed_parameters(getattr(made, "value", made).args)[0][len(args) :]:
        if parameter.arg not in named:
            break
        args.append(named.pop(parameter.arg))
    return None if named else args


def _counts(text: str) -> range:
    """How many arguments the function of a text takes."""
    made: Any = ast.parse(text).body[0]
    parameters, defaults = placed_parameters(getattr(made, "value", made).args)
    return range(len(parameters) - len(defaults), len(parameters) + 1)


def _takes(text: str, count: int) -> bool:
    return count in _counts(text)


# -- functions that no text says


def _chain(reader: Reading, node: ast.Call) -> Expression | None:
    """`chain(*xs)`."""
    if len(node.args) != 1 or node.keywords or not isinstance(node.args[0], ast.Starred):
        return None
    (text,) = DEFINITIONS["itertools", "chain.from_iterable"]
    return call_text(reader, node, text, node.args[0].value)


def _product(reader: Reading, node: ast.Call) -> Expression | None:
    """`product(xs, repeat=2)`."""
    words = {k.arg: k.value for k in node.keywords}
    times = words.get("repeat")
    count = times.value if isinstance(times, ast.Constant) else None
    if not isinstance(count, int) or not 0 < count < 5 or not len(node.args) == len(words) == 1:
        return None
    if isinstance(node.args[0], ast.Starred):
        return None
    names = [f"x{k}" for k in range(count)]
    clauses = " ".join(f"for {name} in xs" for name in names)
    return call_text(reader, node, f"lambda xs: tuple(({', '.join(names)},) {clauses})", *node.args)


def _chosen(sign: str) -> Callable[[Reading, ast.Call], Expression | None]:
    """`combinations(xs, 2)` and its like, where the number stands there."""

    def read(reader: Reading, node: ast.Call) -> Expression | None:
        words = {k.arg: k.value for k in node.keywords}
        count = node.args[1] if len(node.args) == 2 else words.get("r")
        number = count.value if isinstance(count, ast.Constant) else None
        if len(node.args) + len(words) != 2 or not isinstance(number, int) or not 0 < number < 4:
            note = "write its number, at most 3, or loops: `for i in range(n)`"
            return reader.refuse(node, Refused("such a choice of several", note))
        places = range(number)
        clauses = " ".join(f"for i{k}, x{k} in enumerate(ys)" for k in places)
        tests = [f"i{j} {sign} i{k}" for k in places for j in range(k)]
        where = f" if {' and '.join(tests)}" if tests else ""
        made = f"lambda ys: tuple(({', '.join(f'x{k}' for k in places)},) {clauses}{where})"
        return call_text(reader, node, f"lambda xs: ({made})(tuple(xs))", node.args[0])

    return read


def _partial(reader: Reading, node: ast.Call) -> Expression | None:
    """`partial(f, x)`, of a function of which it is known what it takes."""
    note = "write `lambda x: f(value, x)`"
    known = node.args and not any(isinstance(a, ast.Starred) for a in node.args)
    names = _parameters(reader, node.args[0]) if known else None
    if names is None or any(k.arg not in names for k in node.keywords):
        return reader.refuse(node, Refused("`partial` of such a function", note))
    given = [*node.args[1:], *(k.value for k in node.keywords)]
    words = {k.arg for k in node.keywords}
    left = [name for name in names[len(node.args) - 1 :] if name not in words]
    spare, rest = tuple([reader.spare() for _ in given]), [reader.spare() for _ in left]
    values = [ast.Name(name, ast.Load()) for name in spare]
    places, others = values[: len(node.args) - 1], values[len(node.args) - 1 :]
    by_name = {k.arg or "": v for k, v in zip(node.keywords, others, strict=True)}
    by_name |= {name: ast.Name(spoken, ast.Load()) for name, spoken in zip(left, rest, strict=True)}
    order = [by_name[name] for name in names[len(places) :]]
    call = ast.Call(node.args[0], [*places, *order], [])
    spec = ast.arguments([], [ast.arg(name) for name in rest], None, [], [], None, [])
    made = placed_at(ast.Lambda(spec, call), node)
    if not given:
        return reader.expression(made)
    whole = ast.copy_location(ast.Tuple(given, ast.Load()), node)
    return let(
        reader, node, spare, (node, reader.expression(whole)), lambda: reader.expression(made)
    )


def _parameters(reader: Reading, node: ast.expr) -> list[str] | None:
    """The parameters of a function that is known by its name."""
    if not isinstance(node, ast.Name):
        return None
    word = WORDS.get(node.id)
    if isinstance(word, Builtin) and not reader.is_own(node.id):
        return list(word.row.parameters)
    spec = reader.signature(node.id)
    if spec is None or spec.defaults or spec.kwonlyargs:
        return None
    return [parameter.arg for parameter in placed_parameters(spec)[0]]


SPECIAL: Final[dict[Key, Callable[[Reading, ast.Call], Expression | None]]] = {
    ("itertools", "chain"): _chain,
    ("itertools", "product"): _product,
    ("itertools", "combinations"): _chosen("<"),
    ("itertools", "combinations_with_replacement"): _chosen("<="),
    ("itertools", "permutations"): _chosen("!="),
    ("functools", "partial"): _partial,
    **{("math", name): read for name, read in FRACTIONS.items()},
}
"""Calls that are read in a way of their own; what gives None is read by its texts."""
