"""Calls: of primitives, of functions that are known by their names, of values, of methods."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.frontend.constructs import METHODS, NO_FUNCTIONS, REFUSED, SHARED, Refused
from pipeline.frontend.dict_names import makes_dict
from pipeline.frontend.known_lines import WORDS
from pipeline.frontend.live_loops import is_lazy
from pipeline.frontend.program import (
    Builtin,
    Call,
    Clause,
    Comprehension,
    Expression,
    Literal,
    Variable,
    Wrong,
)
from pipeline.frontend.read_dicts import (
    AS_VALUE,
    METHODS_OF_DICTS,
    is_dict,
    kind_at,
    known,
    read_dict,
    read_getter,
    read_method,
)
from pipeline.frontend.read_library import library_key, read_imported, read_imported_call
from pipeline.frontend.read_texts import call_text
from pipeline.frontend.read_values import call_row, let
from pipeline.frontend.reading import WRONG, Imported, Reading
from pipeline.frontend.scoping import added_in, placed_parameters, reads


def read_call(reader: Reading, node: ast.Call) -> Expression:
    """The call of whatever is called."""
    function = node.func
    if (
        reader.may_have_dicts
        and is_dict(reader, node)
        and (makes_dict(node) or id(node) not in reader.dicts)
    ):
        return read_dict(reader, node)
    key = library_key(reader, function)
    if key is not None:
        return read_imported_call(reader, node, key)
    if isinstance(function, ast.Attribute):
        return _method(reader, node, function)
    if isinstance(function, ast.Name) and not reader.is_own(function.id):
        known = function.id not in WORDS and reader.builtins.get(function.id)
        if known:
            reader.odd()
            reader.walk(*node.args)
            _look(reader, node, function.id)
            return known(reader, node)
        if function.id in NO_FUNCTIONS:
            return reader.unknown_name(function, function.id)
    return _plain(reader, node)


def _look(reader: Reading, node: ast.Call, name: str) -> None:
    """What Python's function with this name does not keep of its arguments."""
    name = name.removeprefix("%")
    if name == "len":
        reader.asked(*node.args)
    elif name != "next" and (id(node) in reader.consumed or not is_lazy(node)):
        reader.consume(*node.args)
        reader.asked(*(a.value for a in node.args if isinstance(a, ast.Starred)))


def _plain(reader: Reading, node: ast.Call) -> Expression:
    function = reader.expression(node.func)
    if isinstance(function, Builtin) and (function.row.makes_grid or function.row.makes_integer):
        reader.looked_at(*node.args)
    stars = [a for a in node.args if isinstance(a, ast.Starred)]
    is_named = reader.may_have_dicts and isinstance(node.func, ast.Name)
    if is_named and not _give_dicts(reader, node):
        return WRONG
    if len(stars) == 1 and all(k.arg for k in node.keywords):
        return _unpacked(reader, node, function, stars[0])
    if (added := _added_to(reader, node)) is not None:
        return reader.refuse(added, SHARED)
    arguments = reader.expressions(a for a in node.args if a not in stars)
    values = reader.expressions(k.value for k in node.keywords)
    unpacked = [*stars, *(k for k in node.keywords if k.arg is None)]
    for part in unpacked:
        reader.refuse(part, REFUSED["Starred"])
    if unpacked or any(isinstance(v, Wrong) for v in (function, *arguments, *values)):
        return WRONG
    if isinstance(function, Literal):
        return reader.wrong(node.func, "not-a-function", "a constant can't be called")
    if isinstance(function, Builtin):
        row = function.row
        known = KnownParameters(row.name, row.parameters, row.parameters, {})
        return _placed(reader, node, function, known, arguments, values)
    spec = _signature(reader, node.func)
    if spec is not None and isinstance(node.func, ast.Name):
        if node.keywords:
            reader.odd()
        known = _known(node.func.id, spec)
        return _placed(reader, node, function, known, arguments, values)
    if node.keywords:
        return reader.wrong(
            node.keywords[0],
            "keyword-argument",
            "only a function that is known by its name takes keyword arguments",
            "a function value is called with positional arguments",
        )
    return reader.made(Call(function, arguments), node, *node.args)


def _give_dicts(reader: Reading, node: ast.Call) -> bool:
    """Whether the parameters of a function that are dicts are given some, which are read as such;
    it is reported if not.
    """
    assert isinstance(node.func, ast.Name)
    name = node.func.id
    use = reader.scope_with(name).uses.get(name)
    for parameter, (place, has_parts) in use.parameters.items() if use is not None else ():
        given = [k.value for k in node.keywords if k.arg == parameter]
        given += node.args[place : place + 1]
        if not given:
            continue
        if not is_dict(reader, given[0]):
            note = f"{name} asks {parameter!r} what only a dict can be asked"
            reader.refuse(given[0], Refused("this value in the place of a dict", note))
            return False
        if has_parts and kind_at(reader, given[0]).default is not None:
            note = "read it by `d.get(key, 0)` in the function"
            reader.refuse(given[0], Refused("a dict with defaults given to a function", note))
            return False
        known(reader, given[0], keeps_values=True)
    return True


def _unpacked(
    reader: Reading, node: ast.Call, function: Expression, star: ast.Starred
) -> Expression:
    """`f(x, *xs)`, where `f` says how many there must be: `f(x, a, b)` where `a, b = xs`."""
    others = len(node.args) - 1 + len(node.keywords)
    wanted = None
    if isinstance(function, Builtin):
        wanted = function.row.arity
    elif (spec := _signature(reader, node.func)) is not None:
        parameters, defaults = placed_parameters(spec)
        wanted = None if defaults else len(parameters)
    if wanted is None or wanted < others or isinstance(function, Wrong):
        return reader.refuse(star, REFUSED["Starred"])
    names = tuple([reader.spare() for _ in range(wanted - others)])
    given = [ast.copy_location(ast.Name(name, ast.Load()), star) for name in names]
    at = node.args.index(star)
    call = ast.Call(node.func, [*node.args[:at], *given, *node.args[at + 1 :]], node.keywords)
    ast.copy_location(call, node)
    whole = star.value, reader.expression(star.value)
    return let(reader, node, names, whole, lambda: reader.expression(call))


def _added_to(reader: Reading, node: ast.Call) -> ast.expr | None:
    """The argument that is known to be a list, of which the function makes it longer by `+=`."""
    fresh = reader.scope.holder.fresh
    values = [*node.args, *(word.value for word in node.keywords)]
    lists = [v for v in values if isinstance(v, ast.Name) and fresh.is_list(v.id)]
    if not lists or not isinstance(node.func, ast.Name):
        return None
    function = reader.function(node.func.id)
    if not isinstance(function, ast.FunctionDef):
        return None
    names = [p.arg for p in [*function.args.posonlyargs, *function.args.args]]
    given = dict(zip(names, node.args, strict=False))
    given |= {word.arg: word.value for word in node.keywords if word.arg}
    added = {*added_in(function.body)}
    return next((v for p, v in given.items() if v in lists and p in added), None)


def _signature(reader: Reading, node: ast.expr) -> ast.arguments | None:
    """The parameters of a function that is called by a name that is for good its name."""
    return reader.signature(node.id) if isinstance(node, ast.Name) else None


class KnownParameters(NamedTuple):
    """A function whose parameters are known: its name, these in their order, those among them that
    a place may give, and the defaults of some of them.
    """

    name: str
    parameters: tuple[str, ...]
    plain: tuple[str, ...]
    defaults: dict[str, ast.expr]

    @property
    def usage(self) -> str:
        """How it is called."""
        words = [name for name in self.parameters if name not in self.plain]
        return f"it is {self.name}({', '.join([*self.plain, *(words and ['*', *words])])})"


def _known(name: str, spec: ast.arguments) -> KnownParameters:
    placed, defaults = placed_parameters(spec)
    names = tuple([parameter.arg for parameter in placed])
    plain = tuple([parameter.arg for parameter in [*spec.posonlyargs, *spec.args]])
    given = zip(names[len(names) - len(defaults) :], defaults, strict=True)
    return KnownParameters(name, names, plain, dict(given))


def _placed(
    reader: Reading,
    node: ast.Call,
    function: Expression,
    known: KnownParameters,
    arguments: Sequence[Expression],
    values: Sequence[Expression],
) -> Expression:
    """The call of a function whose parameters are known, keywords put in their places."""
    name, parameters, plain, defaults = known
    usage = known.usage
    given = dict(zip(plain, zip(node.args, arguments, strict=True), strict=False))
    for keyword, value in zip(node.keywords, values, strict=True):
        word = keyword.arg or ""
        if word in given or word not in parameters:
            wrong = f"got {word!r} twice" if word in given else f"has no parameter {word!r}"
            return reader.wrong(keyword, "keyword-argument", f"{name} {wrong}", usage)
        given[word] = keyword.value, value
    count, wanted = len(arguments) + len(values), len(parameters)
    lacking = [p for p in parameters if p not in given and p not in defaults]
    if count <= wanted and len(arguments) > len(plain):
        message = f"{name} takes {len(plain)} by their places, got {len(arguments)}"
        return reader.wrong(node, "wrong-arity", message, usage)
    if count > wanted or lacking:
        expected = f"{wanted} argument{'s' if wanted != 1 else ''}"
        if defaults:
            expected = f"{wanted - len(defaults)} to {wanted} arguments"
        message = f"{name} takes {expected}, got {count}"
        return reader.wrong(node, "wrong-arity", message, usage)
    last = max((k for k, p in enumerate(parameters) if p in given), default=-1)
    for parameter in parameters[: last + 1]:
        if parameter not in given:
            value = _default(reader, node, parameter, defaults[parameter])
            if isinstance(value, Wrong):
                return value
            given[parameter] = defaults[parameter], value
    placed = [given[p] for p in parameters[: last + 1]]
    call = Call(function, tuple([value for _, value in placed]))
    return reader.made(call, node, *[_here(reader, node, part) for part, _ in placed])


def _here(reader: Reading, node: ast.Call, part: ast.expr) -> ast.expr:
    """The place of an argument; a default stands elsewhere."""
    inside = node.lineno <= part.lineno <= (node.end_lineno or node.lineno)
    return part if inside else node


def _default(reader: Reading, node: ast.Call, name: str, default: ast.expr) -> Expression:
    """The default of a parameter that a call skips: one that is the same wherever it stands."""
    is_pure = not any(isinstance(part, ast.NamedExpr) for part in ast.walk(default))
    if is_pure and all(map(reader.is_constant, reads([default]))):
        return reader.expression(default)
    message = f"the default of {name!r} is skipped, and one after it is given"
    return reader.wrong(node, "keyword-argument", message, f"give {name!r} too")


# -- methods


def _method(reader: Reading, node: ast.Call, function: ast.Attribute) -> Expression:
    """The few methods that have an exact meaning on values that never change."""
    reader.odd()
    name, plain = function.attr, not node.keywords
    if is_dict(reader, function.value) and plain:
        if name in METHODS_OF_DICTS:
            return read_method(reader, node, function)
        return reader.refuse(function, Refused(f"`{name}` of a dict", AS_VALUE.note))
    count = len(node.args)
    stars = any(isinstance(a, ast.Starred) for a in node.args)
    if name in _SETS and plain and not stars and (count >= 1 if name in _MANY else count == 1):
        return _of_sets(reader, node, function)
    if name == "isdisjoint" and plain and not stars and count == 1:
        return call_text(reader, node, "lambda a, b: not a & set(b)", function.value, *node.args)
    if name in ("count", "index") and plain and not stars and count == 1:
        return _searched(reader, node, function)
    if name == "copy" and plain and not count:
        reader.looked_at(function.value)
        return reader.expression(function.value)
    return read_attribute(reader, function, METHODS.get(name))


_SETS = {
    "union": "either_bits",
    "intersection": "both_bits",
    "difference": "minus",
    "symmetric_difference": "one_bit",
    "issubset": "less_equal",
    "issuperset": "greater_equal",
}
_MANY = {"union", "intersection", "difference"}


def _of_sets(reader: Reading, node: ast.Call, function: ast.Attribute) -> Expression:
    """`a.union(b)` and its like: b may be any container."""
    place: ast.AST = function.value
    value = reader.expression(function.value)
    for argument in node.args:
        other = call_row(reader, "as_set", argument, (argument, reader.expression(argument)))
        value = call_row(reader, _SETS[function.attr], node, (place, value), (argument, other))
        place = node
    return value


def _searched(reader: Reading, node: ast.Call, function: ast.Attribute) -> Expression:
    """`xs.count(x)`: how many elements are equal to x; `xs.index(x)`: the place of the first."""
    reader.asked(function.value)
    whole = function.value, reader.expression(function.value)
    wanted = node.args[0], reader.expression(node.args[0])
    element, place = reader.spare(), reader.spare()
    test = call_row(reader, "equal", node, (function.value, Variable(element)), wanted)
    if function.attr == "count":
        clause = Clause(element, whole[1], (test,))
        found = Comprehension("tuple", Variable(element), (clause,))
        return call_row(reader, "size", node, (node, reader.made(found, node, node, node)))
    numbered = call_row(reader, "numbered", function.value, whole)
    clause = Clause((place, element), numbered, (test,))
    return reader.made(Comprehension("first", Variable(place), (clause,)), node, node, node)


_WITHOUT_ARRAYS = "a grid is a tuple of rows: `g[i][j]`, `tuple(zip(*g))`, `[list(r) for r in g]`"


def read_attribute(reader: Reading, node: ast.Attribute, note: str | None = None) -> Expression:
    """`d.get` of a dict; report any other, once, with what to write instead."""
    inner = node.value
    key = library_key(reader, node)
    if key is not None:
        reader.odd()
        return read_imported(reader, Imported(node, key))
    if node.attr == "get" and is_dict(reader, inner):
        return read_getter(reader, node)
    if isinstance(inner, ast.Name) and not reader.is_own(inner.id) and inner.id not in WORDS:
        note = f"nothing is imported: write the function `{node.attr}` in this file"
        if inner.id in ("np", "numpy"):
            if inner.id in reader.unknown:
                reader.is_wrong = True
                return WRONG
            reader.unknown.add(inner.id)
            note = _WITHOUT_ARRAYS
        elif node.attr in WORDS:
            note = f"write `{node.attr}` alone, if that of the DSL is meant"
    elif isinstance(reader.expression(inner), Wrong):
        return WRONG
    elif node.attr in ("count", "index"):
        return read_getter(reader, node)
    name = inner.id if isinstance(inner, ast.Name) else "x"
    note = note or f"write a function: `{node.attr}({name})`"
    return reader.refuse(node, Refused("an attribute", note))
