"""Functions of Python's standard library that are imported by name, as texts in the language of
solvers. A name that the DSL has too means there what was imported, never the DSL's.

A function has a text for each way to call it; the first one is the function as a value. In a text
the names that it doesn't assign are Python's own, whatever a solver calls so: see `definition`.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Sequence
from typing import Final

Key = tuple[str, str]
"""A module and a name of it; the name is empty for the module itself."""

MODULES: Final = frozenset(
    ("itertools", "functools", "operator", "math", "collections", "copy", "random", "statistics")
)

CONTAINERS: Final = frozenset(("Counter", "defaultdict", "deque", "OrderedDict"))
"""What of `collections` is made and then changed."""

DEFINITIONS: Final[dict[Key, tuple[str, ...]]] = {
    ("itertools", "product"): (
        "lambda a, b: tuple((x, y) for x in a for y in b)",
        "lambda a: tuple((x,) for x in a)",
        "lambda a, b, c: tuple((x, y, z) for x in a for y in b for z in c)",
        "lambda a, b, c, d: tuple((x, y, z, u) for x in a for y in b for z in c for u in d)",
    ),
    ("itertools", "repeat"): ("lambda x, n: tuple(x for _ in range(n))",),
    ("itertools", "chain"): (
        "lambda a, b: (*a, *b)",
        "lambda a: tuple(a)",
        "lambda a, b, c: (*a, *b, *c)",
        "lambda a, b, c, d: (*a, *b, *c, *d)",
    ),
    ("itertools", "chain.from_iterable"): ("lambda a: tuple(x for xs in a for x in xs)",),
    ("itertools", "islice"): (
        "lambda xs, n: tuple(xs)[:n]",
        "lambda xs, a, b: tuple(xs)[a:b]",
        "lambda xs, a, b, step: tuple(xs)[a:b:step]",
    ),
    ("itertools", "pairwise"): ("lambda xs: tuple(zip(tuple(xs), tuple(xs)[1:]))",),
    ("itertools", "takewhile"): (
        "def takewhile(f, xs):\n    kept = ()\n    for x in xs:\n        if not f(x):\n"
        "            break\n        kept = kept + (x,)\n    return kept",
    ),
    ("itertools", "accumulate"): (
        "def accumulate(xs, func=lambda a, b: a + b):\n    found = ()\n    for x in xs:\n"
        "        found = found + (func(found[-1], x) if found else x,)\n    return found",
    ),
    ("itertools", "groupby"): (
        "def groupby(xs, key=lambda x: x):\n    found = ()\n    for x in xs:\n"
        "        k = key(x)\n"
        "        if found and found[-1][0] == k:\n"
        "            found = found[:-1] + ((found[-1][0], found[-1][1] + (x,)),)\n"
        "        else:\n            found = found + ((k, tuple([x])),)\n    return found",
    ),
    ("operator", "add"): ("lambda a, b: a + b",),
    ("operator", "sub"): ("lambda a, b: a - b",),
    ("operator", "mul"): ("lambda a, b: a * b",),
    ("operator", "floordiv"): ("lambda a, b: a // b",),
    ("operator", "mod"): ("lambda a, b: a % b",),
    ("operator", "neg"): ("lambda a: -a",),
    ("operator", "eq"): ("lambda a, b: a == b",),
    ("operator", "ne"): ("lambda a, b: a != b",),
    ("operator", "lt"): ("lambda a, b: a < b",),
    ("operator", "le"): ("lambda a, b: a <= b",),
    ("operator", "gt"): ("lambda a, b: a > b",),
    ("operator", "ge"): ("lambda a, b: a >= b",),
    ("operator", "and_"): ("lambda a, b: a & b",),
    ("operator", "or_"): ("lambda a, b: a | b",),
    ("operator", "xor"): ("lambda a, b: a ^ b",),
    ("operator", "not_"): ("lambda a: not a",),
    ("operator", "contains"): ("lambda a, b: b in a",),
    ("operator", "getitem"): ("lambda a, b: a[b]",),
    ("operator", "itemgetter"): (
        "lambda k: lambda x: x[k]",
        "lambda k, m: lambda x: (x[k], x[m])",
        "lambda k, m, n: lambda x: (x[k], x[m], x[n])",
    ),
    ("math", "gcd"): ("def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return abs(a)",),
    ("math", "lcm"): (
        "def lcm(a, b):\n    x, y = a, b\n    while y:\n        x, y = y, x % y\n"
        "    return abs(a * b) // abs(x) if x else 0",
    ),
    ("math", "prod"): (
        "def prod(xs):\n    n = 1\n    for x in xs:\n        n = n * x\n    return n",
    ),
    ("math", "isqrt"): (
        "def isqrt(n):\n    assert n >= 0\n    k = 0\n    while (k + 1) * (k + 1) <= n:\n"
        "        k = k + 1\n    return k",
    ),
    ("math", "floor"): ("lambda x: int(x)",),
    ("math", "ceil"): ("lambda x: int(x)",),
    ("math", "trunc"): ("lambda x: int(x)",),
    ("functools", "reduce"): (
        "def reduce(f, xs, first):\n    for x in xs:\n        first = f(first, x)\n"
        "    return first",
        "def reduce(f, xs):\n    rest = tuple(xs)\n    first = rest[0]\n"
        "    for x in rest[1:]:\n        first = f(first, x)\n    return first",
    ),
    ("copy", "copy"): ("lambda x: x",),
    ("copy", "deepcopy"): ("lambda x: x",),
}


def imported(nodes: Iterable[ast.AST]) -> dict[str, Key]:
    """What the imports among these nodes give of the standard library, by the names it has."""
    found: dict[str, Key] = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module in MODULES and not node.level:
            for alias in node.names:
                if alias.name != "*":
                    found[alias.asname or alias.name] = node.module, alias.name
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in MODULES and alias.asname:
                    found[alias.asname] = alias.name, ""
    return found


def with_plain_names(trees: Sequence[ast.AST]) -> list[ast.AST]:
    """The same trees, where containers of `collections` are called by their own names, however the
    file imports them: what a name holds is told by what makes it.
    """
    nodes = [node for tree in trees for node in ast.walk(tree)]
    own = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    own |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    known = {name: key for name, key in imported(nodes).items() if name not in own}
    names = {
        name: key[1] for name, key in known.items() if key[0] == "collections" and key[1] != name
    }
    modules = {name for name, key in known.items() if key == ("collections", "")}
    if "collections" not in own:
        modules.add("collections")
    naming = _PlainNames(names, modules, CONTAINERS - own)
    return [naming.visit(copy.deepcopy(tree)) for tree in trees]


class _PlainNames(ast.NodeTransformer):
    """See `with_plain_names`."""

    def __init__(self, names: dict[str, str], modules: set[str], free: frozenset[str]) -> None:
        self.names, self.modules, self.free = names, modules, free

    def visit_Name(self, node: ast.Name) -> ast.AST:
        name = self.names.get(node.id, "")
        return ast.copy_location(ast.Name(name, node.ctx), node) if name in self.free else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        is_module = isinstance(node.value, ast.Name) and node.value.id in self.modules
        if is_module and node.attr in self.free:
            return ast.copy_location(ast.Name(node.attr, node.ctx), node)
        return self.generic_visit(node)


def definition(text: str, place: ast.AST) -> ast.stmt:
    """The statement of a text, all of it at one place of a solver's file, with Python's functions
    called by names that no solver can hide.
    """
    (node,) = ast.parse(text).body
    own = {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    own |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and _is_stored(n)}
    for part in ast.walk(node):
        ast.copy_location(part, place)
        if isinstance(part, ast.Name) and part.id not in own:
            part.id = f"%{part.id}"
    return node


def _is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)
