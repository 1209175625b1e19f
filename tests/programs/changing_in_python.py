"""Programs that change lists and dicts in place, and look through functions: see `in_python`."""

from __future__ import annotations

from typing import Final

PROGRAMS: Final = {
    "cells of a list of lists": """
def solve_a(I):
    O = [list(r) for r in I]
    for i in range(len(I)):
        for j in range(len(I[0])):
            if O[i][j] == 0:
                O[i][j] = 3
    return tuple(tuple(r) for r in O)
""",
    "a table of colours that changes": """
def solve_a(I):
    lut = list(range(10))
    lut[5], lut[8] = 8, 5
    lut[-1] += 1
    return tuple(tuple(lut[v] for v in r) for r in I)
""",
    "rows made row by row": """
def solve_a(I):
    g = []
    for r in I:
        g.append(list(r))
    g[0][1] = 9
    g[1] = [7] * len(I[0])
    g[1][0] = 4
    return g
""",
    "a canvas filled near cells": """
def solve_a(I):
    h, w = len(I), len(I[0])
    out = [[0 for _ in range(w)] for _ in range(h)]
    for i, row in enumerate(I):
        for j, v in enumerate(row):
            if v:
                for di, dj in ((0, 1), (1, 0), (0, -1), (-1, 0)):
                    a, b = i + di, j + dj
                    if 0 <= a < h and 0 <= b < w:
                        out[a][b] = max(out[a][b], v)
    return tuple(map(tuple, out))
""",
    "a list made by map": """
def solve_a(I):
    g = list(map(list, I))
    g[0][0], g[0][1] = g[0][1], g[0][0]
    g[1] = g[0]
    return g
""",
    "counts of colours": """
def solve_a(I):
    count = [0] * 10
    for r in I:
        for v in r:
            count[v] += 1
    count[0] = 0
    return canvas(max(range(10), key=lambda c: count[c]), (1, 1))
""",
    "a function that sees a list change": """
def solve_a(I):
    xs = [0, 0, 0]
    def f(k):
        return xs[k]
    xs[0] = 1
    return canvas(f(0), (1, 1))
""",
    "arguments in a container": """
def solve_a(I):
    pts = {(0, 0), (0, len(I[0]) - 1)}
    return fill(I, 4, connect(*pts))
""",
    "arguments of a function in a container": """
def f(a, b, c):
    return a + b * c
def solve_a(I):
    xs = [1, 2]
    return canvas(8 - f(3, *xs) + f(*xs, c=1) + add(*xs), (1, 1))
""",
    "a while that writes cells": """
def solve_a(I):
    O = [[0] * len(I[0]) for _ in I]
    k = 0
    while k < len(I):
        O[k][k % len(I[0])] += k
        O[k][0] = O[k][0] * 2
        k += 1
    return O
""",
    "copies of rows": """
def solve_a(I):
    O = [r.copy() for r in map(list, I)]
    O[0][0] = 7
    return tuple(tuple(r) for r in O)
""",
    "a dict of the file": """
M = {0: 5, 5: 0, 8: 1}
def solve_a(I):
    return tuple(tuple(M[v] if v in M else v for v in r) for r in I)
""",
    "a dict asked with a default": """
def solve_a(I):
    m = {1: 2, 2: 3}
    return tuple(tuple(m.get(v, v) for v in r) for r in I)
""",
    "a dict that counts": """
def solve_a(I):
    count = {}
    for r in I:
        for v in r:
            count[v] = count.get(v, 0) + 1
    best = max(count, key=count.get)
    return canvas(best, (len(count), count[best]))
""",
    "a dict sorted by its values": """
def solve_a(I):
    count = {c: colorcount(I, c) for c in palette(I)}
    pairs = sorted(count.items(), key=lambda kv: (-kv[1], kv[0]))
    return canvas(pairs[0][0], (1, sum(count.values())))
""",
    "a dict gone through in the order of its keys": """
def solve_a(I):
    count = {}
    for r in I:
        for v in r:
            if v not in count:
                count[v] = 0
            count[v] += 1
    out = ()
    for k in count:
        out += ((k, count[k]),)
    return out
""",
    "dicts of pairs": """
def solve_a(I):
    m = dict(zip((0, 1, 2, 3), (3, 2, 1, 0)))
    n = dict(m.items())
    return tuple(tuple(m.get(v) or 7 for v in r) for r in I) if len(n) == 4 else I
""",
    "a dict that a function sees change": """
def solve_a(I):
    def look(v):
        return m.get(v, 9)
    m = {0: 1}
    m[3] = 4
    return tuple(tuple(map(look, r)) for r in I)
""",
    "a key that stands twice": """
def solve_a(I):
    a = ONE
    m = {a: 2, 1: 3, a + 1: 4}
    return canvas(m[1], (len(m), 1))
""",
    "a dict without a name": """
def solve_a(I):
    return tuple(tuple({0: 1, 1: 0}.get(v, v) for v in r) for r in I)
""",
    "places of objects by their colours": """
def solve_a(I):
    boxes = {}
    for o in objects(I, T, F, T):
        boxes[color(o)] = ulcorner(o)
    i, j = boxes[5] if 5 in boxes else (0, 0)
    return canvas(i, (j + 1, len(boxes)))
""",
    "a dict of cells": """
def solve_a(I):
    d = {}
    for i, r in enumerate(I):
        for j, v in enumerate(r):
            d[(i, j)] = v
    return tuple(tuple(d[(j, i)] for j in range(len(I))) for i in range(len(I[0])))
""",
    "a dict that is asked whether it is empty": """
def solve_a(I):
    seen = {}
    for k, v in {1: 2, 3: 4}.items():
        seen[k] = v
    if seen:
        return canvas(seen[3], UNITY)
    return I
""",
    "functions in a dict": """
def solve_a(I):
    f = {0: vmirror, 1: hmirror, 2: rot90}
    return f[len(I) % 2](I)
""",
    "functions in a dict, and another": """
def solve_a(I):
    f = {0: vmirror, 1: hmirror, 2: rot90}
    return f.get(len(I) + 4, rot180)(I)
""",
    "the first function that fits": """
def solve_a(I):
    fs = (rot90, vmirror, identity)
    f = next(f for f in fs if f(I) == I)
    return f(I)
""",
    "whether one of some functions fits": """
def solve_a(I):
    fs = (rot90, vmirror, hmirror)
    return canvas(1 if any(f(I) == I for f in fs) else 2, (1, 1))
""",
    "what the first function that fits gives": """
def solve_a(I):
    return next((f(I) for f in (rot90, vmirror, hmirror) if f(I) == I), I)
""",
    "whether all of some functions fit": """
def solve_a(I):
    return canvas(1 if all(size(f(I)) > 2 for f in (rot90, vmirror, hmirror)) else 2, (1, 1))
""",
    "functions of a dict in turn": """
def solve_a(I):
    k = 2
    fs = {0: lambda g: upscale(g, k), 1: lambda g: hconcat(g, g)}
    out = I
    for n in (0, 1, 0):
        out = fs[n](out)
    return out
""",
    "functions that data chooses in turn": """
def solve_a(I):
    fs = {1: rot90, 2: rot180, 5: vmirror}
    out = I
    for v in I[2]:
        if v in fs:
            out = fs[v](out)
    return out
""",
    "a queue": """
def solve_a(I):
    queue = [(0, 0)]
    seen = [(0, 0)]
    n = 0
    while queue:
        i, j = queue.pop(0)
        n += 1
        for a, b in ((i + 1, j), (i, j + 1)):
            if a < len(I) and b < len(I[0]) and (a, b) not in seen:
                seen.append((a, b))
                queue.append((a, b))
    return canvas(n, (1, len(seen)))
""",
    "a stack, and sorting in place": """
def solve_a(I):
    stack = [(0, 0)]
    out = []
    while stack:
        cur = stack.pop()
        out.append(I[cur[0]][cur[1]])
        if cur[0] + 1 < len(I):
            stack.append((cur[0] + 1, cur[1]))
    xs = [3, 1, 2]
    xs.sort(reverse=True)
    ys = [(1, 2), (0, 3)]
    ys.sort(key=lambda p: p[1], reverse=True)
    xs.pop(1)
    xs.append(ys[0][1])
    return (tuple(out), tuple(xs))
""",
    "a method as a function": """
def solve_a(I):
    flat = [v for row in I for v in row]
    return canvas(max(set(flat), key=flat.count), (1, 1))
""",
    "a list that is cut": """
def solve_a(I):
    stack = [1, 2, 3]
    n = 0
    while len(stack) > 1:
        top = stack[-1]
        stack = stack[:-1]
        if top == 3:
            stack.append(4)
        n += top
    return canvas(n, (1, 1))
""",
    "arguments in a container, before one behind a star": """
def f(a, b, *, k):
    return a - b * k
def solve_a(I):
    xs = (9, 2)
    return canvas(f(*xs, k=3), (1, 1))
""",
}
