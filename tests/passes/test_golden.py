"""What each pass makes of each construct, as text: `golden/`, one file a program.

A file holds the program and the graph after each pass. `tests/passes/goldens` says how to renew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.ir.text import print_graph
from pipeline.passes import STAGES, run_passes
from tests.passes.goldens import check_golden, check_none_is_stale
from tests.programs_text import program_of, text_of

GOLDEN = Path(__file__).parent / "golden"

PROGRAMS = {
    "calls": "x = hconcat(hmirror(I), vmirror(I)); fill(x, value=ONE, patch=asindices(I))",
    "apply_set": "s = apply(toindices, partition(I)); fill(I, ZERO, merge(s))",
    "apply_tuple": "t = apply(double, (ONE, TWO, THREE)); canvas(maximum(t), UNITY)",
    "apply_grid": "rows = apply(dedupe, I); canvas(size(rows), UNITY)",
    "apply_nested": (
        "inner = rbind(apply, palette(I)); add_both = lbind(lbind, add);"
        " f = chain(maximum, inner, add_both); canvas(maximum(apply(f, palette(I))), UNITY)"
    ),
    "mapply": "f = lbind(shift, asindices(I)); fill(I, ONE, mapply(f, corners(asindices(I))))",
    "mfilter": "fill(I, TWO, mfilter(partition(I), matcher(color, ONE)))",
    "papply": "canvas(maximum(papply(add, (1, 2), (3, 4))), UNITY)",
    "prapply": "p = palette(I); canvas(maximum(prapply(add, p, p)), UNITY)",
    "mpapply": "fill(I, ONE, toindices(mpapply(recolor, (1, 2), totuple(partition(I)))))",
    "extract": "subgrid(extract(partition(I), compose(positive, color)), I)",
    "order": "paint(I, first(order(partition(I), size)))",
    "argmax": "paint(I, argmax(partition(I), size))",
    "valmax": "canvas(valmax(partition(I), size), UNITY)",
    "branch_data": "branch(square(I), hmirror(I), canvas(ZERO, UNITY))",
    "branch_functions": "f = branch(square(I), hmirror, rbind(upscale, TWO)); f(I)",
    "power_constant": "f = power(compose(rot90, hmirror), THREE); f(I)",
    "power_data": "f = power(rbind(hupscale, TWO), height(I)); f(I)",
    "rapply": "gs = rapply((rot90, rot180), I); hconcat(first(gs), last(gs))",
    "closures": (
        "fs = apply(lbind(lbind, add), palette(I)); canvas(maximum(rapply(fs, TEN)), UNITY)"
    ),
    "closures_nested": (
        "fss = apply(lbind(apply, lbind(lbind, add)), I); r = apply(rbind(rapply, ONE), fss);"
        " canvas(maximum(first(r)), UNITY)"
    ),
    "choice": (
        "fs = (hmirror, vmirror);"
        " f = extract(fs, matcher(chain(first, rbind(rapply, I), initset), I)); f(I)"
    ),
    "product": "ps = product((double, halve), palette(I)); canvas(size(ps), UNITY)",
    "convert_pair": "canvas(maximum(shape(I)), UNITY)",
    "convert_patch": "fill(I, NINE, astuple(ORIGIN, UNITY))",
    "convert_rows": "r = first(I); rot90(repeat(r, TWO))",
    "difference": "p = partition(I); e = difference(p, p); fill(I, ONE, merge(e))",
    "unions": "p = branch(square(I), asindices(I), asobject(I)); fill(I, ONE, p)",
    "interned": "a = hmirror(rot90(I)); b = hmirror(rot90(I)); hconcat(a, b)",
    "effects": "a = crop(I, ORIGIN, UNITY); s = square(a); c = halve(double(ONE)); hmirror(I)",
}


def stages_of(body: str) -> str:
    """The program, and its graph after each pass that changes it."""
    blocks, before = [text_of(body)], ""
    for stage in STAGES:
        graph, found = run_passes(program_of(body), 20_000, stage)
        assert graph is not None, found
        text = print_graph(graph)
        blocks.append(f"after {stage}: {text if text != before else '(the same)'}\n")
        before = text
    return "\n".join(blocks)


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_each_pass_makes(name: str) -> None:
    check_golden(GOLDEN / f"{name}.txt", stages_of(PROGRAMS[name]))


def test_no_golden_file_is_stale() -> None:
    check_none_is_stale(GOLDEN, [f"{name}.txt" for name in PROGRAMS])
