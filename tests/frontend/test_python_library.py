"""What is imported from Python's standard library by name, as far as solvers have it."""

from __future__ import annotations

import pytest

from pipeline.codegen.compile import compile_unit
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.units import split_units
from pipeline.oracle.interpret import outcome

GRID = ((0, 1, 2), (3, 0, 0), (5, 8, 8))
PROGRAMS = {
    "product": (
        "from itertools import product\ndef solve_a(I):\n    n = 0\n"
        "    for i, j in product(range(3), (2, 1, 2)):\n        n = n * 2 % 7 + i * j\n"
        "    return canvas(n, (1, 1))\n",
        ((8,),),
    ),
    "a product that counts equal pairs": (
        "import itertools\ndef solve_a(I):\n"
        "    return canvas(len(tuple(itertools.product((1, 1), (2, 1, 2)))), (1, 1))\n",
        ((6,),),
    ),
    "reduce and itemgetter": (
        "from functools import reduce\nfrom operator import itemgetter, add\ndef solve_a(I):\n"
        "    xs = sorted(((3, 1), (2, 5), (7, 0)), key=itemgetter(1))\n"
        "    return canvas(reduce(add, (1, 2, 3), 0), (1, xs[0][0]))\n",
        ((6,) * 7,),
    ),
    "another name, and gcd": (
        "from math import gcd\nfrom itertools import repeat as rep\ndef solve_a(I):\n"
        "    return tuple(rep(I[0], gcd(12, 8)))\n",
        ((0, 1, 2),) * 4,
    ),
    "groups by a key that has a name": (
        "from itertools import accumulate, groupby\ndef solve_a(I):\n"
        "    found = groupby(sorted(I[2]), key=lambda v: v % 2)\n"
        "    sums = tuple(accumulate(I[0], func=lambda a, b: 2 * a + b))\n"
        "    return (tuple(len(tuple(v)) for k, v in found) + sums,)\n",
        ((1, 2, 0, 1, 4),),
    ),
    "a counter by another name that is changed": (
        "from collections import Counter as Count\ndef solve_a(I):\n    n = Count(I[2])\n"
        "    n.update(I[2])\n    n[5] += 1\n    return canvas(n[5] + n[8], (1, 1))\n",
        ((7,),),
    ),
    "lists in a dict of a module by another name": (
        "import collections as c\ndef solve_a(I):\n    d = c.defaultdict(list)\n"
        "    d[1] = [2, 3]\n    for v in I[0]:\n        d[v].append(v)\n"
        "    return (tuple(d[1]), tuple(d[2] * 3))\n",
        ((2, 3, 1), (2, 2, 2)),
    ),
    "a deque behind a dot": (
        "def solve_a(I):\n    import collections\n    q = collections.deque([1, 2])\n"
        "    q.append(3)\n    first = q.popleft()\n    return canvas(first, (1, len(q)))\n",
        ((1, 1),),
    ),
    "a name of the file for what is imported under it": (
        "from collections import Counter as Count\ndef solve_a(I):\n    Count = len(I)\n"
        "    return canvas(Count, (1, 1))\n",
        ((3,),),
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_means_what_it_means_in_python(name: str) -> None:
    text, expected = PROGRAMS[name]
    names: dict[str, object] = {"canvas": lambda c, s: ((c,) * s[1],) * s[0]}
    exec(text, names)
    assert names["solve_a"](GRID) == expected  # type: ignore[operator]
    (unit,), _ = split_units("own", "a.py", text.encode())
    program, found = parse_unit(unit)
    assert program is not None, found
    assert outcome(program, GRID) == expected
    assert compile_unit(unit).diagnostics == ()


def test_a_name_that_the_dsl_has_too_is_not_taken_for_that() -> None:
    text = "from itertools import chain\ndef solve_a(I):\n    return tuple(chain(I, I))\n"
    (unit,), _ = split_units("own", "a.py", text.encode())
    program, _ = parse_unit(unit)
    assert program is not None
    assert outcome(program, GRID) == GRID + GRID


def test_what_is_not_taken_is_told_where_it_is_used() -> None:
    text = "from itertools import cycle, product\ndef solve_a(I):\n    return cycle(I)\n"
    (unit,), _ = split_units("own", "a.py", text.encode())
    (found,) = compile_unit(unit).diagnostics
    assert (found.code, found.span.line) == ("unsupported-syntax", 3)
    assert found.message == "`cycle` of `itertools` is not ARC-DSL"
