"""Programs that use `S`, the train pairs of their task, and tasks to run them on."""

from __future__ import annotations

from typing import Final

from pipeline.data.tasks import Grid, Sample, Task


def solver(*lines: str, parameters: str = "S, I, C=None") -> str:
    """A solver from its lines."""
    body = "".join(f"    {line}\n" for line in lines)
    return f"def solve_0a1b2c3d({parameters}):\n{body}"


def _grid(*rows: str) -> Grid:
    return tuple([tuple(map(int, row)) for row in rows])


TASKS: Final = (
    Task(
        "several",
        (
            Sample(_grid("120", "340"), _grid("021", "043")),
            Sample(_grid("550", "055"), _grid("050", "505")),
            Sample(_grid("700", "070"), _grid("007", "070")),
        ),
        (Sample(_grid("908", "080"), _grid("809", "080")),),
    ),
    Task(
        "one", (Sample(_grid("11", "21"), _grid("3")),), (Sample(_grid("120", "340"), _grid("4")),)
    ),
    Task("two", (Sample(_grid("6"), _grid("6", "6")), Sample(_grid("06"), _grid("60"))), ()),
    Task("none", (), (Sample(_grid("12"), _grid("21")),)),
)
"""The last one shows nothing; an input of the first stands in the second one too."""

_HELPER: Final = "def kept(pairs, k):\n    return frozenset(palette(p[k]) for p in pairs)\n\n\n"
TEXTS: Final = {
    "the outputs' commonest colour": solver(
        "x1 = apply(first, S)",
        "x2 = apply(last, S)",
        "x3 = mostcommon(merge(apply(palette, x1)))",
        "x4 = mostcommon(merge(apply(palette, x2)))",
        "O = replace(I, x3, x4)",
        "return O",
    ),
    "how many there are": solver("return canvas(EIGHT, (len(S), size(I)))"),
    "looking itself up": solver(
        "for a, b in S:", "    if a == I:", "        return b", "return hmirror(I)"
    ),
    "the first output": solver("return S[0][1]"),
    "the last pair": solver("a, b = S[-1]", "return vconcat(a, a) if a == b else b"),
    "a comprehension": solver(
        "sizes = [len(b) for a, b in S if len(a) > 1]", "return canvas(max(sizes), (1, len(sizes)))"
    ),
    "nested comprehensions": solver(
        "cells = {c for a, b in S for r in b for c in r}", "return (tuple(sorted(cells)),)"
    ),
    "a helper of the file": _HELPER
    + solver("x = kept(S, 0)", "y = kept(S, 1)", "return canvas(size(x), (size(y), 1))"),
    "a helper inside": solver(
        "def shape_of(k):", "    return shape(S[k][1])", "return canvas(ONE, shape_of(len(S) - 1))"
    ),
    "a function over pairs": solver(
        "x = sfilter(S, lambda p: shape(p[0]) == shape(p[1]))", "return canvas(size(x), UNITY)"
    ),
    "composed": solver("x = mapply(compose(palette, last), S)", "return canvas(size(x), UNITY)"),
    "the pair of an argument": solver("return first(argmax(S, compose(numcolors, last)))"),
    "enumerated": solver(
        "n = 0",
        "for k, (a, b) in enumerate(S):",
        "    if I in (a, b):",
        "        n = k + 1",
        "return canvas(n, UNITY)",
    ),
    "whether it is one of them": solver("return canvas(1 if (I, I) in S else 2, UNITY)"),
    "joined with others": solver("x = S + ((I, I),)", "return x[len(S)][0]"),
    "turned round": solver("xs, ys = zip(*S)", "return ys[-1]"),
    "a truth": solver("if not S:", "    return I", "return first(last(S))"),
    "assigned anew": solver("S = S[1:]", "return canvas(len(S), UNITY)"),
}

SIGNATURES: Final = {
    "S, I": "S",
    "S, I, C": "S",
    "S: Samples, I: Grid, C: Container": "S",
    "S, grid": "S",
    "S, /, I": "S",
    "pairs, I": "pairs",
    "pairs, I, C": "pairs",
    "I, S": "S",
    "I, *, S": "S",
    "I, S=None, C=None": "S",
    "S=(), I=(), C=()": "S",
    "S=[], I=None": "S",
}
"""Parameters, and which is the train pairs."""
