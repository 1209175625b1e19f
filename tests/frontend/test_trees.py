"""What the parser makes of the Python around a solver: trees in `golden/trees`, one block a case.

Renew them as `tests/passes/goldens` says, and read what you renewed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.frontend.parse import parse, parse_partial
from pipeline.frontend.units import Unit
from tests.frontend.reports import solver
from tests.frontend.trees import tree_of
from tests.passes.goldens import check_golden, check_none_is_stale

GOLDEN = Path(__file__).parent / "golden" / "trees"

EXPRESSIONS = (
    *("I + 1", "I - 1", "I * 2", "I // 2", "I % 2", "2 ** 3", "I & I", "I | I", "I ^ I"),
    *("-I", "-1", "--1", "-ONE", "-True", "+I", "~I", "not I", "I and I or not I and 1"),
    *("I == 1", "I != 1", "I is 1", "I is not 1", "I < 1", "I <= 1", "I > 1", "I >= 1"),
    *("1 in I", "1 not in I", "I is None", "I is not None", "None == I", "I != None", "None"),
    *("0 < height(I) <= 9 < 10", "0 < I < 3", "1 < 2 < 3 in I"),
    *("I if I else 0", "(y := I)", "[I, 1]", "[]", "()", "{I, 1}", "(*I, 1)", "[1, *I, *I]"),
    *("{*I, 1}", "I[0]", "I[-1][0]", "I[1:]", "I[:2]", "I[::2]", "I[1:2:3]", "I[:]", "I[0, 1]"),
    *("lambda: 1", "lambda a, b=I: a + b", "(lambda a: a)(I)", "lambda a: (b := a)"),
    *("[a for a in I]", "{a for a in I}", "[a for a in I if a if a < 1 for b in a]"),
    *("(a for a in I)", "[(a, b) for a, (b, *c) in I]", "[I for I in I]", "[b := a for a in I]"),
    *("[[b for b in a] for a in I]", "[lambda: a for a in I]", "I.copy()"),
    *("{1}.union(I)", "{1}.union(I, I)", "{1} - {2}", "{1}.intersection(I)", "{1}.issubset(I)"),
    *("I.count(1)", "I.index(1)"),
)
BUILTINS = (
    *("len(I)", "abs(-1)", "reversed(I)", "int(I)", "int()", "bool(I)", "pow(2, 3)"),
    *("tuple(I)", "tuple()", "list(I)", "set(I)", "set()", "frozenset()", "frozenset({})"),
    *("tuple(a for a in I)", "list([a for a in I])", "set(a for a in I)", "set([a for a in I])"),
    *("frozenset({a for a in I})", "tuple({a for a in I})", "tuple(map(len, I))"),
    *("max(I)", "max(1, 2)", "max(I, key=len)", "max(I, default=0)", "max(I, default=0, key=len)"),
    *("min(I, key=lambda r: len(r))", "min(1, 2, 3, key=abs)", "max(I, key=None)"),
    *("sorted(I)", "sorted(I, key=len)", "sorted(I, reverse=True)", "sorted(I, reverse=F)"),
    *("sorted(I, key=len, reverse=1)", "sorted(a for a in I)"),
    *("sum(I)", "sum(I, 1)", "sum(I, start=1)", "sum(I, ())", "sum((a for a in I), [])"),
    *("any(I)", "all(I)", "any(a for a in I)", "all([a for a in I])", "all(map(len, I))"),
    *("any(filter(None, I))", "next(a for a in I)", "next((a for a in I if a), 0)"),
    *("next(iter(I))", "next(iter(I), None)", "next(filter(len, I))"),
    *("range(3)", "range(1, 3)", "range(3, 0, -1)", "enumerate(I)", "enumerate(I, 1)"),
    *("enumerate(I, start=1)", "zip(I, I)", "zip(*I)", "zip(I)", "zip()", "zip(I, I, I)"),
    *("map(len, I)", "map(lambda a: a, I)", "map(add, I, I)", "map(compose(size, first), I)"),
    *("filter(None, I)", "filter(len, I)", "apply(len, I)", "sorted(I, key=sum)"),
    *("order(I, max)", "fill(I, patch=set(), value=int(T))"),
)
STATEMENTS = (
    *("x = y = I", "x = (y, z) = I", "(x, y) = z = I", "x, y = I", "x, (y, *z) = I", "[x, y] = I"),
    *("x: Grid = I", "x: Grid", "I += 1", "I |= {1}", "I = I", "T = I", "len = I", "pass", "..."),
    *("'text'", "hmirror(I)", "assert I", "assert I, 'text'", "x = I; x = x"),
    *("if I: x = 1", "if I: x = 1\n    elif 2: y = 1\n    else: z = 1", "if (y := 1): x = y"),
    *("for x in I: pass", "for x, *y in I: z = x\n    else: z = 1", "for x in I: break"),
    *("while I: I = 0", "while (n := 1) < 2: continue\n    else: x = n"),
    *("for x in I:\n        if x: y = y2 = y3\n        y3 = x",),
    *(
        "def f(a): return a",
        "def f(a, b=1):\n        'text'\n        if a: return b",
    ),
    *("def f(): pass", "def f(a):\n        a += I\n        I2 = a\n        return lambda: I2 + a"),
    *("def f(a):\n        def g(b): return a + b\n        return g(a)",),
    *(
        "f = lambda a, b=1: a\n    x = f(b=2, a=3)",
        "def f(a, b=1, c=2): return a\n    x = f(1, c=3)",
    ),
    *("def f(a, b=T, /): return a\n    x = f(1)\n    y = f(1, 2)",),
    *("if I: return I", "if I: return I\n    else: return 0", "for x in I: return x"),
    *("while True: return I", "return None", "return", "return I, I"),
)
PROGRAMS = {
    "an early return, and no other": solver("if I: return I"),
    "both sides return": solver("if I: return I", "else: return hmirror(I)"),
    "what is behind a return is not read": solver("return I", "x = foo(I)"),
    "a variable called as a primitive": solver("size = I", "return size"),
    "a variable that is called": solver("size = hmirror", "return size(I)"),
    "a parameter called as a primitive": "def solve_a(size):\n    return size\n",
    "S and I": "def solve_a(S, I):\n    return I\n",
    "S and another name": "def solve_a(S, grid):\n    return grid\n",
    "S, I and C": "def solve_a(S, I, C):\n    return I\n",
    "S that is read": "def solve_a(S, I, C=None):\n    return first(first(S))\n",
    "the one before I": "def solve_a(pairs, I):\n    return first(first(pairs))\n",
    "S whose default is a value": "def solve_a(I, S=3):\n    return canvas(S, shape(I))\n",
    "a parameter more": "def solve_a(I, J):\n    return I\n",
    "a default that is not read": "def solve_a(S, I, x=0):\n    return I\n",
    "a default that is read": "def solve_a(I, x=ONE, *, y=2):\n    return fill(I, x, y)\n",
    "the grid has a default": "def solve_a(I=()):\n    return I\n",
    "stars that are not read": "def solve_a(I, *args, **options):\n    return I\n",
    "just solve": "def solve(I):\n    return I\n",
    "annotations": "def solve_a(I: Grid, n: int = 2) -> Grid:\n    return upscale(I, n)\n",
    "a constant of the file": "OLD, NEW = 6, TWO\n" + solver("return replace(I, OLD, NEW)"),
    "a constant from another": "A = 1\nB = A + 1\nA = 3\n" + solver("return fill(I, A, B)"),
    "a constant that a loop makes": (
        "xs = ()\nfor k in range(3):\n    xs = xs + (k,)\n" + solver("return fill(I, 1, xs)")
    ),
    "a constant called as a primitive": "T = 6\n" + solver("return replace(I, T, F)"),
    "a function of the file": "def turn(g):\n    return g\n" + solver("return turn(I)"),
    "a function behind the solver": solver("return turn(I)") + "def turn(g):\n    return g\n",
    "functions through functions": (
        "def a(g):\n    return b(g)\nC = 1\ndef b(g, n=2, c=C):\n    return g\n"
        "def d(g):\n    return a(g)\n" + solver("return a(b(I, c=2))")
    ),
    "a default that is skipped": (
        "OLD = 1\ndef f(g, a=OLD, b=(2, F), c=3):\n    return g\n" + solver("return f(I, c=4)")
    ),
    "functions that call each other inside": (
        "def a(g):\n    def b(h):\n        return h\n    return b(g)\n" + solver("return a(I)")
    ),
    "another name of a word": "from dsl import hmirror as turn, vmirror\n"
    + solver("return turn(I)"),
    "a solver by another name": "solve_b = solve_c = 1\nsolve_a = hmirror\n",
    "a solver that is a function value": "solve_a = compose(hmirror, vmirror)\n",
    "a solver that is a lambda": "solve_a = lambda I: hmirror(I)\n",
    "a class that nobody uses": "class C:\n    pass\n" + solver("return I"),
    "a name that a nested function hides": solver(
        "def f(I): return I", "g = lambda x: [I for I in x if T]", "return g(f(I))"
    ),
    "a name that is assigned later": solver("f = lambda: x", "x = I", "return f()"),
    "a name that is assigned in a turn before": solver(
        "for k in I:", "    if k: I = x", "    x = I", "return I"
    ),
}
CHANGES = {
    "a part of a list": solver(
        *("xs = [0] * 3", "xs[0] = 1", "xs[-1] += xs[0]", "xs[1], x = 2, 3"),
        *("xs = xs + [4]", "xs[3] = 5", "xs += [6]", "xs[4] = 7", "return xs"),
    ),
    "what is taken from a list": solver(
        *(
            "xs = deque([1, 2, 3])",
            "x = xs.popleft()",
            "a, b = xs.pop()",
            "xs.pop(1)",
            "xs.pop(-2)",
        ),
        *("xs.appendleft(4)", "xs.sort(key=size, reverse=True)", "ys = xs[1:]", "ys.append(5)"),
        "return ys",
    ),
    "a dict": solver(
        *("d = {0: 1, I: 2}", "d[3] = d[0]", "d[3] += 1", "x = d.get(5, 6) if 5 in d else len(d)"),
        *("for k, v in d.items(): x = v", "if not d: x = sorted(d, key=d.get)"),
        *("e = {k: k for k in d}", "return tuple(e.values())"),
    ),
    "a cell of a list of lists": solver(
        *("g = [list(r) for r in I]", "for i in range(3):", "    if g[i][0] == 0: g[i][0] = 1"),
        *("    g[i][1] += 1", "g.append([0] * 3)", "g[0][0], g[1][1] = g[1][1], g[0][0]"),
        *("g[2] = [1, 2, 3]", "g[2][0] = 4", "return g"),
    ),
    "a list": solver(
        *("xs = []", "xs.append(I)", "xs.extend({1})", "xs.insert(0, 1)", "xs.reverse()"),
        *("xs.sort()", "xs.clear()", "return tuple(xs)"),
    ),
    "a set": solver(
        *(
            "s = {1}",
            "s.add(2)",
            "s.update(I)",
            "s.discard(1)",
            "s.clear()",
            "return fill(I, 1, s)",
        ),
    ),
    "in loops": solver(
        *("rows = []", "for r in I:", "    row = list(r)", "    for v in r:"),
        *("        if v: row.append(v)", "    rows.append(row)", "return tuple(rows)"),
    ),
    "on both sides of a choice": solver(
        *("if I: xs = []", "else: xs = [1]", "xs.append(2)", "return xs"),
    ),
    "after it was looked at": solver(
        *("xs = [x for x in I]", "n = len(xs) + xs[0] if xs else max(xs)", "xs.append(n)"),
        *("for x in xs: n = x", "while xs == 1: xs.append(n)", "return crop(I, xs, xs[1:])"),
    ),
    "in a function": solver(
        *(
            "def f(g):",
            "    xs = []",
            "    for x in g: xs.append(x)",
            "    return xs",
            "return f(I)",
        ),
    ),
}
TOPICS = {
    "expressions": {text: solver(f"x = {text}", "return I") for text in EXPRESSIONS},
    "builtins": {text: solver(f"x = {text}", "return I") for text in BUILTINS},
    "statements": {text: solver(text, "return I") for text in STATEMENTS},
    "programs": PROGRAMS,
    "changes": CHANGES,
}


def text_of(topic: str) -> str:
    """A golden file: each case's name, and the tree."""
    cases = TOPICS[topic].items()
    return "\n\n".join(
        "\n".join([f"## {name}\n", *tree_of(parse(text)), ""]) for name, text in cases
    )


@pytest.mark.parametrize("topic", TOPICS)
def test_trees(topic: str) -> None:
    check_golden(GOLDEN / f"{topic}.txt", text_of(topic))


def test_no_tree_is_stale() -> None:
    check_none_is_stale(GOLDEN, [f"{topic}.txt" for topic in TOPICS])


def test_a_line_that_a_shadowing_program_says_is_not_kept_for_others() -> None:
    text = solver("size = hmirror", "x = size(I)", "return x")
    assert tree_of(parse(text))[1] == "x = size(I)"
    plain = solver("x = size(I)", "return x")
    assert tree_of(parse(plain)) == ["x = .size(I)", "return = x"]
    assert tree_of(parse(text))[1] == "x = size(I)"
    len_is_mine = solver("len = hmirror", "x = len(I)", "return x")
    assert tree_of(parse(len_is_mine))[1] == "x = len(I)"
    assert tree_of(parse(plain.replace("size", "len"))) == ["x = .size(I)", "return = x"]
    assert tree_of(parse(len_is_mine))[1] == "x = len(I)"


def test_reassignment_is_read_without_pythons_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.frontend.parse.read_solver", None)
    text = solver("g = hmirror(I)", "g = vmirror(g)", "I = g", "return I")
    program, found = parse_partial(Unit("own/a", "a.py", 1, text))
    assert program is not None
    assert (tree_of(program)[1], found) == ("g = .vmirror(g)", [])
