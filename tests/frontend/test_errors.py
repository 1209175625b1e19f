"""Every error that a solver can have, asserted whole: place, code, message, source line, caret.

The texts are in `golden/`, one file a topic, one block a case. Renew them as `tests/passes/goldens`
says, and read what you renewed: these are the sentences that users get.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.frontend import constructs
from tests.frontend.reports import compile_file, report, solver
from tests.passes.goldens import check_golden, check_none_is_stale

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden"

EXPRESSIONS = (
    *("I.rows", "I.rows(I)", "I.append(1)", "I.sort()", "I.pop", "I[1:2, 0]", "dsl.rot90(I)"),
    *("np.array(I)", "size({I: I})", "size({a: a for a in I})"),
    *(
        "'a' == 1",
        "'a' + 'b'",
        "(f'{I}',)",
        "b'text'",
        "1.5",
        "1j",
        "...",
        "hmirror(*I, *I)",
        "hmirror(**I)",
    ),
    *("(yield I)", "(yield from I)", "(await I)", "[a async for a in I]", "(lambda a, a: a)"),
    *("lambda *a: a", "lambda **a: a", "[(a := 1) for a in I]"),
    *("I / 2", "I @ I", "I << 1", "I >> 1", "1048576", "-1048576", "print(f(I))", "input()"),
    *("str(I)", "float(1)", "isinstance(I, list)", "size(dict())", "iter(I)", "map", "filter"),
    *("next(I)", "len()", "len(I, I)", "len(*I)", "len(obj=I)", "max(I, 1, default=0)"),
    *("sorted(I, reverse=square(I))", "sorted(I, len)", "zip(I, I, key=1)", "range()"),
    *("[*I, *foo]", "(lambda a: a + foo)(bar)", "lambda a, b=c: a", "[a for b in a]"),
)
STATEMENTS = (
    *("*x, y, *z = I", "I.x = I", "I[0] = I", "I[0] += I", "I /= I", "(x, I.y) = I"),
    *("del I[0]", "global x", "nonlocal x", "from os import path as p"),
    *("with I as x: pass", "try: pass\n    finally: pass", "match I:\n        case {1: x}: pass"),
    *("async def x(a): return a", "class x: pass", "async for x in I: pass"),
    *("async with I: pass", "break", "continue", "try: pass\n    except* I: pass"),
    *("for I.x in I: pass", "for x in I: foo", "while x: x = I", "if I: x.y = 1"),
    *("def x(*a): return a", "def x(a, a): return a", "@cache\n    def x(a): return a"),
    *("def x(a): return x(a)", "x = lambda a: x(a)", "def x(a): return b"),
    *("def x(a): return y(a)\n    def y(a): return x(a)\n    z = y(I)",),
    *("def x(a, b=1): return a\n    y = x()", "def x(a): return a\n    y = x(I, b=1)"),
    *("def x(a, b=I, c=1): return a\n    y = x(1, c=2)", "def x(a): return y\n    return x(I)"),
)
PARTS = {
    "of a part of what was given": solver("I[0] = 1", "I[0][0] += 1", "return I"),
    "of rows that are one": solver("g = [[0] * 3] * 3", "g[0][0] = 1", "return g"),
    "of rows that another has": solver(
        "g = [list(r) for r in I]", "r = g[0]", "g[0][0] = 1", "return I"
    ),
    "of rows that are gone through": solver(
        "g = [list(r) for r in I]", "for r in zip(g, g): r[0][0] = 1", "return I"
    ),
    "of rows that others put there": solver(
        *("g = []", "r = [1]", "g.append(r)", "g[0][0] = 1", "x = r[0]", "g[0][0] = 2"),
        "return I",
    ),
    "of rows that another turn put there": solver(
        *("g = [list(r) for r in I]", "for k in range(2):", "    g[1][0] = k", "    g[k] = g[0]"),
        "return g",
    ),
    "of what another turn left to others": solver(
        *("xs = [1]", "for k in (1, 2):", "    xs.append(k)", "    xs = [2]", "    ys = xs"),
        "return I",
    ),
    "by taking what only data tells": solver("xs = [1]", "xs.pop(size(I))", "I.pop()", "return I"),
    "by an assignment for each element in a loop": solver(
        *("for e in I: x = tuple((w := v) for v in e)", "return (x, (w,) * len(x))"),
    ),
    "of dicts": solver(
        *("d = {1: 2}", "e = d", "f = size(d)", "d[1][2] = 3", "d.pop(1)", "g = {**d}"),
        *("h = {1: 2} if I else 3", "return I"),
    ),
    "of dicts and functions": (
        "def f(d): return d.get(1, 0)\n\n\ndef g(d): return d[1] + len(d.keys())\n\n\n"
        + solver("x = f(((1, 2),))", "y = g(Counter(I[0]))", "return I")
    ),
    "of a slice": solver("g = [1, 2]", "g[0:1] = [3]", "return g"),
    "of two indices": solver("g = [list(r) for r in I]", "g[0, 1] = 3", "return g"),
    "of parts of parts of parts": solver("g = [[[1]]]", "g[0][0][0] = 3", "return I"),
    "of a list that a loop leaves with two names": solver(
        *("x = [1]", "y = [2]", "for v in x: x = y", "x[0] = 3", "return y")
    ),
    "of what an iterator still reads": solver(
        *(
            "x = [1]",
            "for a, b in zip(x, x): x[0] = 3",
            "k = 0",
            "for a in (v + k for v in x): k = a",
        ),
        *("for a in map(lambda v: v + k, x): k = a", "return x"),
    ),
    "of a list with two names": solver(
        "x = [1]", "y = x", "y += [2]", "a = b = [1]", "a += b", "return I"
    ),
}
CHANGES = {
    "of what was given": solver("I.append(1)", "return I"),
    "of what a call gave": solver("xs = totuple(I)", "xs.append(1)", "return I"),
    "of what has another name": solver("xs = [1]", "ys = xs", "xs.append(1)", "return I"),
    "of what another list holds": solver("xs = [1]", "ys = [xs]", "xs.append(1)", "return I"),
    "of what an earlier turn kept": solver(
        "xs = [1]",
        "ys = (1,)",
        "for k in I:",
        "    xs.append(k)",
        "    ys = (*ys, xs)",
        "return I",
    ),
    "of what one side kept": solver(
        *(
            "xs = ys = [1]",
            "xs = [1]",
            "if I: ys = xs",
            "else: ys = 1",
            "xs.append(1)",
            "return I",
        ),
    ),
    "of what was kept before the loop was left": solver(
        *("xs = [1]", "for k in I:", "    if k:", "        ys = xs", "        break"),
        *("    xs = [1]", "xs.append(1)", "return I"),
    ),
    "of what is gone through": solver("xs = {1}", "for x in xs: xs.add(x)", "return I"),
    "of what a function gives": solver(
        "xs = [1]", "def f(): return xs", "y = f()", "xs.append(1)", "return canvas(len(y), UNITY)"
    ),
    "of what belongs to another function": solver(
        "xs = [1]", "def f(x): xs.append(x)", "y = apply(f, I)", "return I"
    ),
    "by a function in a lambda": solver(
        "xs = [1]", "def f(x): xs.append(x)", "y = apply(lambda x: f(x), I)", "return I"
    ),
    "by a function that comes to itself": solver(
        "xs = [1]", "def f(x):\n        if x: xs.append(x); f(x - 1)", "f(3)", "return I"
    ),
    "of a list given twice, under another name": solver(
        "xs = [1]", "def f(a, b):\n        b = a\n        b.append(1)", "f(xs, xs)", "return I"
    ),
    "by a function that adds to what it is given": solver(
        "xs = {1}", "def f(a): a |= {2}", "f(xs)", "return canvas(len(xs), UNITY)"
    ),
    "of a variable of the file": "n = 0\ndef f():\n    global n\n    n += 1\n"
    + solver("f()", "return I"),
    "of a variable around, as a value": solver(
        "n = 0",
        "def f(x):\n        nonlocal n\n        n += x\n        return n",
        "y = apply(f, I)",
        "return y",
    ),
    "of itself": solver("xs = [1]", "xs.append(xs)", "return I"),
    "of a set as of a list": solver("xs = {1}", "xs.append(1)", "return I"),
    "as a value": solver("xs = [1]", "y = xs.append(1)", "return I"),
}
NAMES = {
    "a misspelt primitive": solver("x = hmirorr(I)", "return x"),
    "a misspelt constant": solver("x = canvas(TREE, UNITY)", "return x"),
    "a misspelt variable": solver("larger = hmirror(I)", "x = rot90(lagrer)", "return x"),
    "a name like no other": solver("x = qqqqqq(I)", "return x"),
    "a builtin of Python": solver("x = __import__(I)", "return x"),
    "an unknown name is reported once": solver("x = foo(I)", "y = foo(x)", "return foo"),
    "use before assignment": solver("y = hmirror(x)", "x = hmirror(I)", "return y"),
    "use in its own assignment": solver("x = hmirror(x)", "return x"),
    "used in a function before it is assigned there": solver(
        "x = I", "def f(a):\n        y = x\n        x = a\n        return y", "return f(I)"
    ),
    "assigned by one side only, and read in the other": solver(
        "if I: x = 1", "else: y = x", "return I"
    ),
    "a target of a comprehension outside of it": solver("x = [a for a in I]", "return a"),
    "a name of a nested function": solver("def f(a): b = a", "return b"),
    "a variable of another solver": solver("return I") + solver("return x", ident="b"),
}
CALLS = {
    "too many arguments": solver("return hmirror(I, I)"),
    "too few arguments": solver("return fill(I)"),
    "none": solver("return hmirror()"),
    "too many for a function value": solver("f = compose(hmirror, rot90)", "return f(I, I)"),
    "too few for a function value": solver("f = lbind(fill, I)", "return f(ONE)"),
    "too few for an applied function": solver("x = apply(fill, I)", "return I"),
    "an unknown keyword": solver("return hmirror(grid=I)"),
    "a keyword twice": solver("return canvas(value=ONE, value=ONE)"),
    "a keyword for a positional argument": solver("return hmirror(I, piece=I)"),
    "a keyword short": solver("return canvas(value=ONE)"),
    "a keyword for a function value": solver("f = compose(hmirror, rot90)", "return f(x=I)"),
    "a constant called": solver("return ONE(I)"),
    "a number called": solver("return 3(I)"),
    "a grid called": solver("x = I(I)", "return hmirror(I)(I)"),
    "an integer too large": solver("return canvas(1048576, UNITY)"),
    "an integer too small": solver("return canvas(-9999999999, UNITY)"),
    "an integer of too many digits": solver(f"return canvas({'9' * 5000}, UNITY)"),
}
RETURNS = {
    "none": solver("x = hmirror(I)"),
    "none, and no assignment either": solver("pass"),
    "none but in a function": solver("def f(a): return a"),
    "of a constant": solver("return ONE"),
    "of a function": solver("return size"),
    "of an integer": solver("return size(I)"),
    "of a truth value": solver("x = square(I)", "return x"),
}
SIGNATURES = {
    text: f"def solve_a{text}:\n    return I\n" for text in ("()", "(*I)", "(**I)", "(*, I)")
} | {
    "a second parameter that is read": "def solve_a(I, J):\n    x = hmirror(J)\n    return J\n",
    "C that is read": "def solve_a(S, I, C):\n    x = (S, C)\n    return hmirror(x)\n",
    "C that is read, and nothing else": "def solve_a(C, I):\n    return C\n",
    "stars that are read": "def solve_a(I, *args):\n    return args\n",
    "a default that is unknown": "def solve_a(I, x=foo):\n    return x\n",
    "a decorator": "@cache\ndef solve_a(I):\n    return I\n",
    "an async function": "async def solve_a(I):\n    return I\n",
    "more space than usual": "def   solve_a ( ) :\n    return I\n",
}
SHARED = {
    "a function that is wrong": (
        "def turn(g):\n    return hmirorr(g)\n"
        + solver("return turn(I)")
        + solver("x = turn(turn(I))", "return x", ident="b")
        + solver("return I", ident="c")
    ),
    "a function that can't be read": "def turn(g):\n    return (g\n" + solver("return turn(I)"),
    "a recursion": "def turn(g):\n    return turn(g)\n" + solver("return turn(I)"),
    "a recursion through another": (
        "def a(g):\n    return b(g)\ndef b(g):\n    return c(g)\ndef c(g):\n    return a(g)\n"
        + solver("return c(b(I))")
    ),
    "a solver that calls itself": solver("return solve_a(I)"),
    "solvers that call each other": (
        solver("return solve_b(I)") + solver("return solve_a(I)", ident="b")
    ),
    "a class": "class C:\n    pass\n" + solver("return C(I)"),
    "a module": "import numpy as np\n" + solver("return np.rot90(I)"),
    "a function of a module": "from x import f as g\n" + solver("return g(I)"),
    "a constant that is none": "C = {1: 2}\nD = b'3'\n" + solver("return fill(I, C, D)"),
    "a constant that is assigned later": "B = A\nA = 1\n" + solver("return fill(I, B, I)"),
    "a constant that is changed": "C = ORIGIN\nC.append(3)\n" + solver("return fill(I, 1, C)"),
    "too many arguments": "def turn(g):\n    return g\n" + solver("return turn(I, I)"),
    "too few arguments": "def turn(g, h, n=1):\n    return g\n" + solver("return turn(I)"),
    "another name for no solver": "solve_a = solve_b\n",
    "another name in a circle": "solve_a = solve_b\nsolve_b = solve_a\n",
    "a value for a solver": "solve_a = 3\nsolve_b = (hmirror, foo)\n",
    "two ways to call one": "def solve_a(I):\n    return I\nsolve_a = hmirror\n",
}
FILES: dict[str, str | bytes] = {
    "nothing": "",
    "white space": " \n\t\n\f\n",
    "comments": "# one\n# two\n",
    "imports": "from dsl import *\nimport os\n",
    "another function": "def mirror(I):\n    return I\n",
    "no Python": "to whom it may concern\n",
    "no id": "def solve_(I):\n    return I\n",
    "no id, and a solver": "def verify___b(I):\n    return I\n" + solver("return I"),
    "a line at the margin": (
        solver("x = hmirror(I)") + "return x\n" + solver("return I", ident="b")
    ),
    "a line before the first solver that is no Python": "x y\nX = 1\n" + solver("return I"),
    "two of one id": solver("return I") + "\n" + solver("return I"),
    "two of one id, and a third": solver("return I")
    + solver("return I").replace("solve", "verify")
    + solver("return I", ident="a__verify"),
    "not UTF-8": b"# caf\xc3\xa9\r\n# caf\xc3\xa9 \xe9t\xe9\r\n",
    "not UTF-8 after a byte order mark": b"\xef\xbb\xbf# \xff\n",
    "UTF-16": solver("return I").encode("utf-16-le").replace(b"d", b"\xff", 1),
    "a null character": "# one\n" + solver("x = hmirror(\0I)", "return x"),
    "a byte order mark inside": solver("x = \ufeffhmirror(I)", "return x"),
}
SYNTAX = {
    "a bracket never closed": solver("x = hmirror(I", "return x"),
    "a bracket too many": solver("x = hmirror(I))", "return x"),
    "the wrong bracket, lines later": "\n\n" + solver("x = hmirror(", "  I]", "return x"),
    "no colon": "def solve_a(I)\n    return I\n",
    "no body": "# one\n\ndef solve_a(I):\n\n\n",
    "no body and no line end": "def solve_a(I):",
    "an indent too deep": solver("x = hmirror(I)", " return x"),
    "an indent of no block": solver("x = hmirror(I)").rstrip() + "\n  return x\n",
    "tabs and spaces": "def solve_a(I):\n        x = hmirror(I)\n\treturn x\n",
    "two equals signs": solver("x = = I", "return x"),
    "a keyword for a name": solver("class = hmirror(I)", "return I"),
    "a string never closed": solver("x = 'text", "return x"),
    "a long string never closed": "\n" + solver("x = '''text", "return x"),
    "typographic quotes": solver("x = “I”", "return x"),
    "an octal number of old": solver("x = 0777", "return x"),
    "nested too deeply for Python": solver("x = " + "-" * 9_000 + "1", "return x"),
}
DEPTHS = {
    "calls": solver("x = " + "hmirror(" * 52 + "I" + ")" * 52, "return x"),
    "tuples": solver("x = " + "(" * 52 + "I" + ", I)" * 52, "return I"),
    "functions": solver(
        "f0 = hmirror", *(f"f{k + 1} = compose(f{k}, rot90)" for k in range(64)), "return f64(I)"
    ),
    "types": solver("x0 = (I, I)", *(f"x{k + 1} = (x{k}, x{k})" for k in range(9)), "return I"),
    "choices": solver(
        "s = repeat(initset(positive), 64)",
        "t = combine(s, s)",
        "f = extract(t, compose(first, rbind(rapply, height(I))))",
        "return I",
    ),
    "nodes": solver(
        "f0 = hmirror",
        *(f"f{k + 1} = fork(hconcat, f{k}, f{k})" for k in range(20)),
        "return f20(I)",
    ),
    "calls that leave no node": solver(
        "f0 = identity", *(f"f{k + 1} = compose(f{k}, f{k})" for k in range(40)), "return f40(I)"
    ),
    "functions in a container": solver(
        "t0 = (rot90, rot180)", *(f"t{k + 1} = combine(t{k}, t{k})" for k in range(40)), "return I"
    ),
    "functions in a product": solver(
        "t0 = repeat(rot90, 64)", "t1 = combine(t0, t0)", "p = product(t1, t1)", "return I"
    ),
}
FUNCTIONS = {
    "a function for data": solver("x = hupscale(I, size)", "return x"),
    "a function for a container": solver("x = apply(size, first)", "return I"),
    "a container of functions for data": solver("x = hmirror((size, first))", "return x"),
    "a function for a container's first": solver("x = first(size)", "return I"),
    "the first of no functions": solver("x = first(remove(size, initset(size)))", "return I"),
    "data for a function": solver("x = apply(ONE, I)", "return I"),
    "data composed": solver("f = compose(ONE, size)", "x = f(I)", "return I"),
    "functions and data mixed": solver("x = (size, I)", "y = rapply(x, I)", "return I"),
    "functions combined with data": solver("x = combine((size, first), I)", "return I"),
    "a function of one bound": solver("f = lbind(size, I)", "return I"),
    "a function of none bound": solver("f = rbind(I, ONE)", "return I"),
    "a choice of unlike functions": solver(
        "f = branch(square(I), fill, size)", "x = lbind(f, I)", "return I"
    ),
    "a choice of a function and data": solver("f = branch(square(I), size, I)", "return f(I)"),
    "a function repeated by a pair": solver("x = repeat(size, UNITY)", "return rapply(x, I)"),
    "a set of functions ordered by data": solver(
        "a = lbind(astuple, size)", "s = insert((I, size), initset((I, first)))", "return I"
    ),
    "a function raised to a pair": solver("x = power(hmirror, UNITY)", "return x(I)"),
    "a set of functions and tuples of them": solver(
        "s = insert(first, initset((size, first)))", "return I"
    ),
    "a container's function gives a function": solver(
        "x = papply(lbind(lbind, lbind), I, I)", "y = apply(lbind(lbind, papply), I)", "return I"
    ),
}
TYPES = {
    "the wrong type": solver("x = fill(I, I, ORIGIN)", "return x"),
    "the wrong type by keyword": solver("return canvas(dimensions=ONE, value=ONE)"),
    "no overload for all": solver("x = add(objects(I, T, F, T), ONE)", "return x"),
    "no container": solver("x = apply(size, ONE)", "return x"),
    "the power's count": solver("f = power(rot90, I)", "return f(I)"),
    "a repeated function that changes the type": solver(
        "f = power(initset, height(I))", "x = f(I)", "return I"
    ),
    "a container of unlike values": solver("x = (I, ONE, T)", "return hmirror(x)"),
    "inside a function value": solver(
        "f = compose(size, height)", "x = apply(compose(f, first), I)", "return x"
    ),
    "after a keyword argument": solver("return fill(patch=ORIGIN, grid=I, value=I)"),
}
SEVERAL = {
    "all of a solver's, of every kind": solver(
        "a = hmirror(I, I)",
        "b = size(ONE)",
        "c = lambda: I",
        "d = apply(ONE, I)",
        "e = crop(I, I, I)",
        "f = foo(I)",
        "return I",
    ),
    "all of one statement's": solver("x = fill(foo, bar, [I])", "return x"),
    "what follows from an error is none": solver(
        "a = foo(I)",
        "b = hmirror(a)",
        "c, d = a",
        "e = b",
        "e += I",
        "f = fill(c, d, e)",
        "for g in a: h = g",
        "k = crop(g, h, b)",
        "rot90 = k",
        "p = rot90",
        "m = hmirror(x=k)",
        "I = m",
        "n = size(I)",
        "f = n",
        "o = f(ONE, n)",
        "return o",
    ),
    "what follows from a wrong type is none": solver(
        "a = size(ONE)",
        "b = add(a, I)",
        "f = lbind(fill, a)",
        "g = f(b)",
        "c = apply(g, I)",
        "return c",
    ),
    "of several solvers, in the order of the file": (
        solver("return foo(I)", ident="c")
        + solver("x = (", "return x", ident="a")
        + solver("return I", ident="d")
        + solver("return size(I)", ident="b")
        + "x = 1\n"
        + solver("return I", ident="d")
    ),
    "a line of another solver that goes on at the margin": (
        "def solve_a(I):\n    x = hmirror(\nI\n)\n    return x\n" + solver("x = (", ident="b")
    ),
    "the same in two turns of an inlined function": solver(
        "f = compose(size, first)", "g = fork(add, f, f)", "x = g((ONE, ONE))", "return x"
    ),
}
PLACES = {
    "columns count characters": solver("größe = hmirror(I)", "x = rot90(größe, 日本)", "return x"),
    "a syntax error after wide characters": solver("x = '日本' hmirror(I)", "return x"),
    "tabs": "def solve_a(I):\n\tx\t=\tfoo(I)\n\treturn\tx\n",
    "carriage returns": solver("x = hmirror(I)", "return y").replace("\n", "\r\n"),
    "carriage returns alone": solver("x = hmirror(I)", "return y").replace("\n", "\r"),
    "form feeds": "\f# one\n\f\n\f" + solver("x = hmirror(\fy)", "return x"),
    "a byte order mark": b"\xef\xbb\xbf" + solver("return y").encode(),
    "a long line": solver("x = (" + "hmirror(I), " * 20 + "foo(I))", "return x"),
    "several lines": "\n" + solver("x = hmirror(", "  I,", "  foo(", "    I))", "return x"),
    "after a semicolon": solver("x = I; y = foo(x)", "return y"),
}

TOPICS: dict[str, dict[str, str | bytes]] = {
    "expressions": {text: solver(f"x = {text}", "return I") for text in EXPRESSIONS},
    "statements": {text: solver(text, "return I") for text in STATEMENTS},
    "names": {**NAMES},
    "changes": {**CHANGES, **PARTS},
    "calls": {**CALLS},
    "returns": {**RETURNS},
    "signatures": {**SIGNATURES},
    "shared": {**SHARED},
    "files": FILES,
    "syntax": {**SYNTAX},
    "depths": {**DEPTHS},
    "functions": {**FUNCTIONS},
    "types": {**TYPES},
    "several": {**SEVERAL},
    "places": {**PLACES},
}


def text_of(topic: str) -> str:
    """A golden file: each case's name, and what is reported."""
    blocks = (f"## {name}\n\n{report(source)}\n" for name, source in TOPICS[topic].items())
    return "\n\n".join(blocks)


@pytest.mark.parametrize("topic", TOPICS)
def test_what_is_reported(topic: str) -> None:
    check_golden(GOLDEN / f"{topic}.txt", text_of(topic))


def test_no_golden_file_is_stale() -> None:
    check_none_is_stale(GOLDEN, [*(f"{topic}.txt" for topic in TOPICS), "trees"])


@pytest.mark.parametrize("topic", TOPICS)
def test_every_case_is_an_error_reported_once(topic: str) -> None:
    for name, source in TOPICS[topic].items():
        data = source.encode() if isinstance(source, str) else source
        compiled, found = compile_file(data)
        assert found, name
        for one in compiled:
            assert len(one.diagnostics) == len(set(one.diagnostics)), name


def test_every_code_has_a_case() -> None:
    """But for what fails nothing, and what is of dialects and told in their tests."""
    files = [p for part in ("frontend", "passes") for p in ROOT.glob(f"pipeline/{part}/*.py")]
    code = r'"([a-z]+(?:-[a-z0-9]+)+|recursion)"'
    written = re.findall(code, "".join(p.read_text() for p in files))
    shown = re.findall(r"error\[(.+?)\]", "".join(text_of(topic) for topic in TOPICS))
    assert set(shown) == set(written) - {"utf-8-sig", "passed-over", "bad-choice"}


def test_every_construct_has_a_name() -> None:
    text = "".join(text_of(topic) for topic in TOPICS)
    assert "this (" not in text
    tables = constructs.REFUSED, constructs.MATTERS, constructs.OPERATORS, constructs.PLACES
    kinds = {refused.kind for table in tables for refused in table.values()}
    newer = {"a template string", "a type alias"}
    assert {k for k in kinds - newer if f"{k} is not ARC-DSL" not in text} == set()


def test_what_is_refused_says_what_to_write() -> None:
    blocks = "".join(text_of(topic) for topic in TOPICS).split("\n\n")
    refused = [block for block in blocks if "error[unsupported-syntax]" in block]
    assert refused
    assert [block for block in refused if "  note: " not in block] == []
