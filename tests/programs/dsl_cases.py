"""Programs that the published DSL solves, each of a kind that people write: their texts by name."""

from __future__ import annotations

from typing import Final

CASES: Final = {
    "alias": """
def solve_74dd1130(I):
    return dmirror(I)


solve_9dfd6313 = solve_74dd1130
""",
    "annotated_assign": """
def solve_67a3c6ac(I: Grid) -> Grid:
    out: Grid = vmirror(I)
    return out
""",
    "branch_tuple_or_object": """
def solve_67a3c6ac(I):
    o = asobject(vmirror(I))
    t = totuple(o)
    p = branch(portrait(I), t, o)
    return paint(I, p)
""",
    "builtins_len": """
def solve_2dee498d(I):
    return crop(I, ORIGIN, astuple(len(I), divide(width(I), THREE)))
""",
    "chain_assign": """
def solve_67a3c6ac(I):
    a = b = vmirror(I)
    return a
""",
    "comp_set": """
def solve_42a50994(I):
    a = frozenset(o for o in objects(I, T, T, T) if size(o) == 1)
    return cover(I, merge(a))
""",
    "comp_tuple": """
def solve_67a3c6ac(I):
    return tuple(tuple(reversed(r)) for r in I)
""",
    "compare": """
def solve_44f52bb0(I):
    return canvas(branch(vmirror(I) == I, ONE, SEVEN), UNITY)
""",
    "contained_other_type": """
def solve_67a3c6ac(I):
    b = contained(I, palette(I))
    return branch(b, I, vmirror(I))
""",
    "corner_as_key": """
def solve_67a3c6ac(I):
    a = initset(ofcolor(I, TEN))
    b = argmin(insert(ofcolor(I, ZERO), a), ulcorner)
    return branch(equality(size(b), ZERO), vmirror(I), I)
""",
    "corner_of_nothing": """
def solve_67a3c6ac(I):
    none = ofcolor(I, TEN)
    b = equality(ulcorner(none), ORIGIN)
    return branch(b, I, vmirror(I))
""",
    "dead_mismatch": """
def solve_67a3c6ac(I):
    unused = recolor(SIX, I)
    return vmirror(I)
""",
    "docstring": """
def solve_67a3c6ac(I):
    '''mirror it'''
    return vmirror(I)
""",
    "empty_branch": """
def solve_42a50994(I):
    none = repeat(ZERO, ZERO)
    s = merge(sizefilter(objects(I, T, T, T), ONE))
    b = branch(T, toindices(s), none)
    return cover(I, b)
""",
    "empty_tuple": """
def solve_2dee498d(I):
    a = combine((), hsplit(I, THREE))
    return first(a)
""",
    "equality_other_type": """
def solve_67a3c6ac(I):
    b = equality(objects(I, T, T, T), F)
    return branch(b, I, vmirror(I))
""",
    "extract_size": """
def solve_1cf80156(I):
    return subgrid(extract(objects(I, T, T, T), size), I)
""",
    "for_const": """
def solve_67a3c6ac(I):
    g = I
    for k in range(3):
        g = vmirror(g)
    return g
""",
    "for_objs": """
def solve_42a50994(I):
    g = I
    for o in sizefilter(objects(I, T, T, T), ONE):
        g = cover(g, o)
    return g
""",
    "frozenset_call": """
def solve_42a50994(I):
    a = totuple(sizefilter(objects(I, T, T, T), ONE))
    return cover(I, merge(frozenset(a)))
""",
    "fs_papply_compose": """
def solve_67a3c6ac(I):
    a = ofcolor(I, mostcolor(I))
    ts = astuple(a, toindices(shift(a, DOWN)))
    fs = apply(lbind(rbind, difference), ts)
    gs = apply(lbind(lbind, shift), ts)
    hs = papply(compose, fs, gs)
    rs = rapply(hs, ORIGIN)
    n = size(rs)
    return branch(equality(n, TWO), vmirror(I), I)
""",
    "fs_product_set_tuple": """
def solve_67a3c6ac(I):
    fs = insert(vmirror, initset(identity))
    ks = apply(lbind(rbind, upscale), interval(ONE, THREE, ONE))
    hs = apply(fork(compose, first, last), product(fs, ks))
    gs = rapply(hs, I)
    a = sfilter(gs, matcher(width, width(I)))
    return first(remove(I, a))
""",
    "helper_def": """
def turn(g):
    return vmirror(g)


def solve_67a3c6ac(I):
    return turn(I)
""",
    "if_stmt": """
def solve_44f52bb0(I):
    if equality(vmirror(I), I):
        c = ONE
    else:
        c = SEVEN
    return canvas(c, UNITY)
""",
    "ifexp": """
def solve_44f52bb0(I):
    return canvas(ONE if equality(vmirror(I), I) else SEVEN, UNITY)
""",
    "index_kw": """
def solve_67a3c6ac(I):
    return vmirror(piece=I)
""",
    "index_none_compare_then_filter": """
def solve_67a3c6ac(I):
    line = hfrontier(ORIGIN)
    a = sfilter(line, compose(flip, matcher(lbind(index, I), ZERO)))
    return vmirror(fill(I, ZERO, difference(a, a)))
""",
    "indices_of_tuples": """
def solve_67a3c6ac(I):
    p = fill(I, ZERO, ((0, 0), (1, 1)))
    return vmirror(I)
""",
    "interval_range": """
def solve_67a3c6ac(I):
    p = apply(toivec, range(3))
    return vmirror(I)
""",
    "key_object": """
def solve_be94b721(I):
    os = objects(I, T, F, T)
    a = argmax(apply(toindices, os), identity)
    return subgrid(argmax(os, size), I)
""",
    "key_set": """
def solve_c909285e(I):
    os = fgpartition(I)
    a = argmax(os, identity)
    c = leastcolor(I)
    return subgrid(ofcolor(I, c), I)
""",
    "lambda": """
def solve_67a3c6ac(I):
    f = lambda g: vmirror(g)
    return f(I)
""",
    "lambda_inline": """
def solve_00d62c1b(I):
    a = colorfilter(objects(I, T, F, F), ZERO)
    b = mfilter(a, lambda o: flip(bordering(o, I)))
    return fill(I, FOUR, b)
""",
    "list_literal": """
def solve_67a3c6ac(I):
    fs = [vmirror]
    return fs[0](I)
""",
    "main_guard": """
import sys
sys.path.append('x')
from dsl import *


def solve_67a3c6ac(I):
    return vmirror(I)


if __name__ == '__main__':
    print(solve_67a3c6ac(((1,),)))
""",
    "many_shoot": """
def solve_67a3c6ac(I):
    a = asindices(upscale(I, FIVE))
    b = merge(prapply(shoot, a, a))
    return vmirror(I)
""",
    "max_builtin": """
def solve_5582e5ca(I):
    return canvas(max(palette(I), key=lbind(colorcount, I)), THREE_BY_THREE)
""",
    "nested_def": """
def solve_67a3c6ac(I):
    def turn(g):
        return vmirror(g)
    return turn(I)
""",
    "none_arg": """
def solve_67a3c6ac(I):
    b = equality(index(I, astuple(NEG_ONE, ZERO)), None)
    return branch(b, vmirror(I), I)
""",
    "notree_file_syntax": """
def solve_67a3c6ac(I):
    return vmirror(I)

print(solve_67a3c6ac)
""",
    "offgrid_none": """
def solve_67a3c6ac(I):
    line = hfrontier(ORIGIN)
    o = mapply(fork(recolor, lbind(index, I), initset), line)
    return vmirror(paint(I, o))
""",
    "operator": """
def solve_5bd6f4ac(I):
    return crop(I, (0, width(I) - 3), (3, 3))
""",
    "papply_compose": """
def solve_67a3c6ac(I):
    fs = apply(lbind(lbind, shift), totuple(objects(I, T, T, T)))
    gs = papply(compose, repeat(toindices, size(fs)), fs)
    xs = rapply(gs, ORIGIN)
    return vmirror(I)
""",
    "params_S_I": """
def solve_67a3c6ac(S, I):
    return vmirror(I)
""",
    "params_default": """
def solve_67a3c6ac(S, I, x=0):
    return vmirror(I)
""",
    "pick_default_false": """
def solve_42a50994(I):
    a = merge(sizefilter(objects(I, T, T, T), ONE))
    b = branch(equality(size(a), ZERO), F, a)
    c = branch(equality(b, F), a, b)
    return cover(I, c)
""",
    "product_bound_functions": """
def solve_67a3c6ac(I):
    fs = apply(lbind(rbind, fill), interval(ONE, THREE, ONE))
    return vmirror(I)
""",
    "product_of_functions": """
def solve_67a3c6ac(I):
    fs = astuple(hmirror, vmirror)
    gs = apply(fork(compose, first, last), product(fs, fs))
    m = rapply(totuple(gs), I)
    d = first(remove(I, m))
    return vmirror(hmirror(vmirror(hmirror(vmirror(I)))))
""",
    "ragged": """
def solve_67a3c6ac(I):
    a = vconcat(I, canvas(ZERO, UNITY))
    b = crop(a, ORIGIN, shape(I))
    return vmirror(b)
""",
    "reassign": """
def solve_67a3c6ac(I):
    g = hmirror(I)
    g = hmirror(g)
    g = vmirror(g)
    return g
""",
    "reassign_param": """
def solve_67a3c6ac(I):
    I = vmirror(I)
    return I
""",
    "recolor_none_of_nothing": """
def solve_67a3c6ac(I):
    c = index(I, astuple(NEG_ONE, ZERO))
    o = recolor(c, ofcolor(I, TEN))
    return paint(vmirror(I), o)
""",
    "recolor_none_offgrid": """
def solve_67a3c6ac(I):
    c = index(I, astuple(NEG_ONE, ZERO))
    o = recolor(c, initset(astuple(NEG_ONE, ZERO)))
    return paint(vmirror(I), o)
""",
    "return_name_only_solve": """
def solve(I):
    return vmirror(I)
""",
    "set_display": """
def solve_42a50994(I):
    a = sizefilter(objects(I, T, T, T), ONE)
    b = difference(a, frozenset({}))
    return cover(I, merge(b))
""",
    "shadow_constant": """
def solve_67a3c6ac(I):
    F = vmirror(I)
    return F
""",
    "shadow_primitive": """
def solve_67a3c6ac(I):
    trim = vmirror(I)
    return trim
""",
    "subscript": """
def solve_2dee498d(I):
    return hsplit(I, THREE)[0]
""",
    "subtract_kw_literal": """
def solve_67a3c6ac(I):
    return vmirror(crop(I, (0, 0), shape(I)))
""",
    "top_constant": """
OLD = 6


def solve_b1948b0a(I):
    return replace(I, OLD, TWO)
""",
    "truthy_int": """
def solve_44f52bb0(I):
    d = size(difference(asobject(I), asobject(vmirror(I))))
    return canvas(branch(d, SEVEN, ONE), UNITY)
""",
    "truthy_mfilter": """
def solve_42a50994(I):
    a = sizefilter(objects(I, T, T, T), ONE)
    return cover(I, mfilter(a, identity))
""",
    "truthy_set": """
def solve_d511f180(I):
    f = objects(I, T, F, F)
    g = sfilter(f, identity)
    return switch(I, FIVE, EIGHT)
""",
    "two_solvers_one_task": """
def solve_67a3c6ac(I):
    return vmirror(I)


def verify_67a3c6ac(I):
    return vmirror(I)
""",
    "unpack": """
def solve_5bd6f4ac(I):
    h, w = shape(I)
    return crop(I, astuple(ZERO, subtract(w, THREE)), THREE_BY_THREE)
""",
    "walrus": """
def solve_67a3c6ac(I):
    return hmirror(hmirror((g := vmirror(I))))
""",
}
