"""Programs in the Python that solvers take, each of a kind: what they are, and their texts."""

from __future__ import annotations

from typing import Final

PROGRAMS: Final = {
    "until nothing changes": """
def solve_a(I):
    old = None
    new = I
    while old != new:
        old = new
        new = tuple(tuple(max(v, 1) for v in row) for row in new)
    return new
""",
    "two variables that change places in a loop in a loop": """
def solve_a(I):
    a, b, n = I, I, (True, 2)
    for i in range(len(I)):
        for r in I:
            a, b = b, tuple(tuple(v + 1 for v in row) for row in a)
            n = n[1], n[0] + 1
    return a + (n,) if len(I[0]) == 2 else b
""",
    "cells replaced one by one": """
def solve_a(I):
    out = ()
    for r in I:
        row = ()
        for c in r:
            if c == 0:
                row = row + (5,)
            else:
                row = row + (c,)
        out = out + (row,)
    return out
""",
    "the largest object, looked for with None": """
def solve_b(I):
    best = None
    for o in objects(I, T, F, T):
        if best is None or size(o) > size(best):
            best = o
    if best is None:
        return I
    return subgrid(best, I)
""",
    "a while with continue, break and else": """
def solve_c(I):
    k = 0
    g = I
    while k < 5:
        k += 1
        if k == 3:
            continue
        if height(g) > 6:
            break
        g = vconcat(g, g)
    else:
        g = hmirror(g)
    return g
""",
    "a return from two loops": """
def solve_d(I):
    for i in range(height(I)):
        for j in range(width(I)):
            if I[i][j] == 2:
                return fill(I, 9, initset((i, j)))
    return vmirror(I)
""",
    "a default": """
def solve_e(I):
    f = lambda x, k=2: upscale(x, k)
    g = f(I) if width(I) > 3 else f(I, 3)
    return g
""",
    "a helper and a constant of the file": """
def add2(x):
    return x + TWOX
TWOX = 2
def solve_f(I):
    s = {add2(c) for r in I for c in r if c > 0}
    return canvas(min(s) if s else 7, (len(s) + 1, 2))
""",
    "any, all and next": """
def solve_g(I):
    h, w = len(I), len(I[0])
    a = any(c == 3 for r in I for c in r)
    b = all(c != 3 for r in I for c in r)
    p = next((c for r in (I[0],) for c in r), 0) if False else next((c for c in I[0] if c > 1), 0)
    return canvas(p, (h, w)) if a else canvas(1 if b else 0, (w, h))
""",
    "a name with a value on some ways only": """
def solve_h(I):
    if width(I) > 3:
        x = 1
    elif height(I) > 3:
        y = 2
    return canvas(x, (2, 2))
""",
    "slices backwards": """
def solve_i(I):
    return tuple(tuple(r[::-1]) for r in I[::-1])
""",
    "functions in a list": """
def solve_k(I):
    fs = [vmirror, hmirror, lambda g: g]
    out = I
    for f in fs:
        out = f(out)
    xs = [f(I) for f in fs]
    return out if xs[0] == xs[-1] else xs[1]
""",
    "targets of many kinds": """
def solve_m(I):
    a, *b = I
    (c, d), e = (1, 2), 3
    return (a,) + tuple(b[:1])
""",
    "what was before": """
def solve_n(I):
    n = 0
    prev = None
    for r in I:
        if prev is not None and prev == r:
            n += 1
        prev = r
    return canvas(n, (1, n + 1))
""",
    "a grid turned by zip": """
def solve_o(I):
    g = [[c for c in r] for r in I]
    return tuple(zip(*g))
""",
    "sorted by size": """
def solve_p(I):
    os = sorted(objects(I, T, F, T), key=len)
    os = [o for o in os if len(o) > 1]
    if not os:
        return I
    x = os[-1]
    return subgrid(x, I)
""",
    "a while that only a break ends": """
def solve_q(I):
    x = 0
    while True:
        x += 1
        if x > 3:
            y = x
            break
    return canvas(y, (1, x))
""",
    "functions made for elements": """
def solve_r(I):
    fs = apply(lambda k: lambda g: upscale(g, k), (1, 2))
    a = rapply(fs, I)
    return last(a)
""",
    "for, else and a break": """
def solve_s(I):
    z = None
    for o in objects(I, T, T, T):
        if size(o) == 1:
            z = o
            break
    else:
        return hmirror(I)
    return cover(I, z)
""",
    "rows with their numbers": """
def solve_t(I):
    res = []
    for i, r in enumerate(I):
        if i % 2 == 0:
            res += [r]
    return tuple(res)
""",
    "a return from a loop in a function": """
def solve_u(I):
    def f(g):
        if width(g) > 3:
            for r in g:
                if r[0] > 0:
                    return canvas(r[0], (1, 1))
        return canvas(0, (2, 2))
    return f(I)
""",
    "a name that only a later turn gives a value": """
def solve_v(I):
    flag = False
    y = 5
    for r in I:
        if flag:
            z = y
        flag = not flag
        y = r[0]
    return canvas(z, (1, 1))
""",
    "sums and builtins": """
def solve_w(I):
    return canvas(sum(1 for r in I for c in r if c) % 10, (max(len(I), 3), abs(-2)))
""",
    "a name that a function reads when it is called": """
def solve_x(I):
    k = 1
    f = lambda x: x + k
    k = 3
    return canvas(f(2), (1, 1))
""",
    "a loop that is left early": """
def solve_y(I):
    x = I
    for _ in range(20):
        if width(x) == 1:
            break
        x = crop(x, (0, 0), (height(x), width(x) - 1))
    return x
""",
    "a function chosen by a default": """
def solve_a(I, f=vmirror):
    return f(I)
""",
    "a while that doubles": """
def solve_a(I):
    x = ONE
    while size(I) > x:
        x = double(x)
    return canvas(x, UNITY)
""",
    "objects painted in order": """
def solve_a(I):
    objs = objects(I, T, F, T)
    big = [o for o in objs if size(o) > 1 and not bordering(o, I)]
    c = color(big[0]) if big else 0
    out = canvas(0, shape(I))
    for o in sorted(big, key=lambda o: (-size(o), ulcorner(o))):
        (i, j), n = ulcorner(o), size(o)
        if i > j: out = paint(out, o)
        elif i == j: continue
        else: out = fill(out, c, shift(o, (0, 1)))
    return out
""",
    "a table of pairs": """
def solve_a(I):
    d = tuple((c, colorcount(I, c)) for c in palette(I))
    best = max(d, key=lambda p: p[1])
    return canvas(best[0], UNITY)
""",
    "a set that grows": """
def solve_a(I):
    total = 0
    seen = set()
    for i in range(len(I)):
        for j in range(len(I[0])):
            if (i, j) not in seen and I[i][j] != 0:
                seen = seen | {(i, j)}
                total = max(total, I[i][j])
    return canvas(total, (1, max(1, len(seen) % 5)))
""",
    "a walrus in a condition": """
def solve_a(I):
    return canvas(ONE, (1, 1)) if (n := size(palette(I))) > 3 else canvas(n, (n, n))
""",
    "a helper's constant that a variable is named as": """
k = 3
def f(g):
    return upscale(g, k)
def solve_a(I):
    k = 5
    return f(I)
""",
    "ways out of a block that both sides of an if may reach": """
def solve_a(I):
    a = len(I)
    if a > 2:
        if a > 5: return vmirror(I)
        a = a + 1
    if a > 4:
        if I[0][0] > 1: return hmirror(I)
        a = a + 1
    if a > 5:
        if I[0][0] > 0: return rot90(I)
        a = a + 1
    else:
        if I[0][0] == 0: return rot180(I)
    return canvas(a % 10, (1, a))
""",
    "a loop with all ways out": """
def solve_a(I):
    n = 0
    for r in I:
        for c in r:
            if c > 0:
                if c == 3: break
                if c == 2: continue
                n += 1
            if n > 4:
                if c == 1: return canvas(n % 10, (2, 2))
                n -= 1
            n += 1
        if n == 3:
            if len(r) > 3: continue
            n += 2
        n += 5
    return canvas(n % 10, (1, 1))
""",
    "a variable that a comprehension hides, and looks through": """
def solve_a(I):
    n = len(I)
    I = tuple(I for I in I if I)
    n = next((n for n in (n, 2) if n > 4), n + 1)
    return canvas(n, (len(I), 1))
""",
    "a default that fails, though it is not needed": """
def solve_a(I):
    n = next((c for r in I for c in r), 1 // (len(I) - 4))
    return canvas(n, (1, 1))
""",
    "a loop whose else reads what its turns assign": """
def solve_a(I):
    x = I
    for r in I:
        x = vmirror(I)
    else:
        y = x
    return y
""",
    "what is looked for in nothing": """
def solve_a(I):
    if 1 in argmin(I, identity):
        x = I
    else:
        x = I
    return x
""",
}
