"""Random programs that change lists of lists, under several names, in loops and choices.

What a front end takes of them must mean what it means in Python. Most have a list under two names
where it is changed, which is refused; the rest is what people write.
"""

from __future__ import annotations

import re
from random import Random
from typing import Final

HELPERS: Final = (
    "def made(q, n):",
    "    out = [n, 1]",
    "    for r in q:",
    "        out.append(r[0])",
    "    return out",
    "def copied(q):",
    "    return [list(r) for r in q]",
)
BEGIN: Final = (
    "g = [list(r) for r in I]",
    "h = [[1, 2, 3], [4, 5, 6]]",
    "rows = []",
    "row = [0, 1]",
    "xs = list(I[0])",
    "k = 1",
)
RETURNED: Final = ("g + h + rows + [row, xs, [k]]", "g + [row, [k]]", "rows + [xs]")
_PLACES: Final = ("0", "1", "-1", "k % 2")
_PLAIN: Final = (
    "{g} = [list(r) for r in I[:3]]",
    "{g} = [r[:] for r in {h}]",
    "{g} = list(map(list, I[:2]))",
    "rows = []",
    "{x} = [k, 2, 3]",
    "{x} = {g}[{p}]",
    "{x} = list({x})",
    "rows.append({x})",
    "rows.append({x})\n{x} = [{n}, 1, 1]",
    "{g}[{p}][{q}] = k",
    "{g}[{p}][{q}] = {x}[0]",
    "{x}[{p}] = k",
    "{x}[{p}] = {x}[1] + 1",
    "{x}.append(k)",
    "{g}[{p}].append(k)",
    "{g}[0], {g}[1] = {g}[1], {g}[0]",
    "{g}[{p}] = {x}",
    "{g}[{p}] = [8, 8, 8]",
    "{g} = {h}",
    "k = ({x}[0] + 3 * k) % 10",
    "k = sum(v for q in {g} for v in q) % 10",
    "k = max(max(q) for q in {g})",
    "k = len({g}) + len({x})",
    "k = sum(a * b for a, b in zip({x}, {x})) % 10",
    "cols = list(zip(*{g}))",
    "xs = [v for i, v in sorted(enumerate({x}), key=lambda p: p[1])]",
    "{x} = made({g}, k)",
    "{x}, k = [k, 2], {n}",
    "rows = copied({h})",
)
_HEADS: Final = (
    "if k % 2:",
    "for t in range({n}):",
    "for row in {g}:",
    "for a, b in zip({x}, {g}[0]):",
    "for r, s in zip({g}, {h}):",
    "for v in reversed({x}):",
    "for v in (u + k for u in {x}):",
    "for xs in {g}:",
    "for j, row in enumerate({g}):",
    "for j, v in enumerate({x}):\n    {x}[j % 2] = v",
    "for j, v in enumerate({g}[0]):\n    {g}[0][j - 1] = 6",
)


def changing_program(source: Random) -> str:
    """A solver that changes lists, a few statements long."""
    returned = source.choice(RETURNED)
    lines = [*HELPERS, *BEGIN, *_block(source, 3, source.randint(3, 9))]
    lines.append(f"return (tuple(v for q in {returned} for v in q),)")
    return "\n    ".join(["def solve_a(I):", *lines]) + "\n"


def _block(source: Random, depth: int, count: int) -> list[str]:
    lines: list[str] = []
    for _ in range(count):
        is_plain = not depth or source.random() < 0.75
        lines += _filled(source, source.choice(_PLAIN if is_plain else _HEADS))
        if not is_plain:
            inner = _block(source, depth - 1, source.randint(1, 3))
            lines += [f"    {line}" for line in inner]
    return lines


def _filled(source: Random, text: str) -> list[str]:
    words = {
        **{name: source.choice(("g", "h", "rows")) for name in "gh"},
        **{name: source.choice(_PLACES) for name in "pq"},
        "x": source.choice(("row", "xs")),
        "n": str(source.randrange(1, 4)),
    }
    return text.format(**words).split("\n")


_NESTED: Final = (
    "{g}[{p}][{q}] = n % 7",
    "{x}.append(n % 7)",
    "{x}[{p}] += n",
    "{g}[{p}].append(k)",
    "rows.append([n, k, 1])",
    "k = (k + n) % 10",
    "n = (n + k) % 10",
    "n += 1",
    "for q in {g}:\n    q[0] = n % 5",
    "for t in range(2):\n    {g}[t % 2][0] += n",
    "{x} = [n, 1, 2]",
    "n = len({g}) + {x}[0]",
    "v = {x}[{p}]",
    "m = n % 3\nk = m",
)
_GIVEN: Final = (
    "a[{p}][{q}] = n % 7",
    "x.append(n % 7)",
    "x[{p}] += n",
    "x = list(x)",
    "x = a[{p}]",
    "a = [list(r) for r in a]",
    "a.append([n, 3, 3])",
    "a[0], a[1] = a[1], a[0]",
    "a[{p}] = x",
    "a[{p}] = [n, 4, 4]",
    "x += [n]",
    "n = (n + x[0]) % 10",
    "n += 1",
    "b = a",
    "for r in a:\n    r[0] = n % 5",
    "for t in range(2):\n    a[t][t] += 1",
    "m = x[0] % 3\nn = m",
    "while n < 3:\n    x.append(n)\n    n += 1",
)
_RETURNS: Final = {
    "number": ("return n", "return len(x)", "return n % 4", "return a[0][0]"),
    "row": ("return x", "return [n, 1, 1]", "return a[0]", "return list(x)"),
    "grid": ("return a", "return [list(r) for r in a]", "return a + [[n, 1]]"),
}
_CHOICES: Final = (
    "if n % 2:\n    {s}",
    "for t in range(3):\n    if t == n:\n        {s}",
    "while k < 4:\n    k += 1\n    if k == n:\n        {s}",
    "for t in {x}:\n    if t > n:\n        {s}\n    n += 1",
)
_USES: Final = {
    "number": (
        "{f}",
        "k = {f} % 10",
        "k += {f}",
        "k = (k + {f}) % 10",
        "{x}[{p}] = {f}",
        "{x}.append({f})",
        "if {f} > 2:\n    k = 1",
        "if k > 2 and {f} > 1:\n    k = 1",
        "k = 3 if k > 2 or {f} > 1 else 4",
        "k = {f} if k % 2 else 5",
        "{x} = [{f} for t in range(2)]",
        "k = sum({f} for t in range(2)) % 10",
        "k = int(any({f} > t for t in range(3)))",
        "while {f} > 8 and k < 9:\n    k += 1",
        "k = {x}[0] + {f} - len({x})",
        "for t in range({f} % 3):\n    k += t",
        "[{f} for t in range(2)]",
        "{x} = [k, {f}, k]",
        "{g}[{p}][{q}] += {f}",
    ),
    "row": (
        "{f}",
        "{x} = {f}",
        "{x}[{p}] = {f}[0]",
        "rows.append({f})",
        "{g}[{p}] = {f}",
        "k = len({f})",
    ),
    "grid": ("{f}", "{g} = {f}", "k = len({f})", "{x} = {f}[0]", "for q in {f}:\n    k += q[0]"),
}


def program_with_functions(source: Random) -> str:
    """A solver that changes lists by functions beside it and inside it."""
    kinds = {f"f{k}": source.choice([*_RETURNS]) for k in range(4)}
    made = {name: _function(source, name, kind) for name, kind in kinds.items()}
    outer = [line for name in ("f0", "f1") for line in made[name]]
    lines = [*HELPERS, *BEGIN, *made["f2"], *made["f3"]]
    for _ in range(source.randint(2, 6)):
        name = source.choice([*kinds])
        use = source.choice(_USES[kinds[name]])
        if source.random() < 0.3:
            lines += _filled(source, source.choice(_PLAIN))
        lines += _filled(source, use.replace("{f}", _call(source, name)))
    returned = source.choice(RETURNED)
    lines.append(f"return (tuple(v for q in {returned} for v in q),)")
    return "\n".join([*outer, "\n    ".join(["def solve_a(I):", *lines])]) + "\n"


def _call(source: Random, name: str) -> str:
    if name in ("f0", "f1"):
        rows = source.choice(("{g}", "{g}", "{h}", "[[1, 2], [3, 4]]"))
        row = source.choice(("{x}", "{x}", "{g}[{p}]", "[5, 6]"))
        return f"{name}({rows}, {row}{source.choice(('', ', k', ', 3', ', n=k + 1'))})"
    return f"{name}({source.choice(('k', '2', '{x}[0] % 5', 'k - 1'))})"


def _function(source: Random, name: str, kind: str) -> list[str]:
    """A function that changes what it is given, or what is around it."""
    is_outer = name in ("f0", "f1")
    body: list[str] = []
    ends = _RETURNS[kind]
    for _ in range(source.randint(1, 4)):
        body += _filled(source, source.choice(_GIVEN if is_outer else _NESTED))
        if source.random() < 0.3:
            end = source.choice(ends) if source.random() < 0.8 else "pass"
            choice = source.choice(_CHOICES).replace("{s}", end)
            body += _filled(source, choice.replace("{x}", "x") if is_outer else choice)
    body += _filled(source, source.choice(ends))
    if is_outer:
        body = ["k = n % 3", *body]
    else:
        names = {"a": source.choice(("g", "rows")), "x": source.choice(("row", "xs"))}
        body = [_with_names(line, names) for line in body]
        assigned = {line.split()[0] for line in body if re.match(r" *(k|row|xs) (%|\+)?= ", line)}
        if assigned and source.random() < 0.9:
            body = [f"nonlocal {', '.join(sorted(assigned))}", *body]
    body = ["m = 0", *body] if source.random() < 0.9 and not body[0].startswith("nonl") else body
    head = f"def {name}(a, x, n=2):" if is_outer else f"def {name}(n):"
    return [head, *(f"    {line}" for line in body)]


def _with_names(text: str, names: dict[str, str]) -> str:
    """A line with other names."""
    for old, new in names.items():
        text = re.sub(rf"\b{old}\b", new, text)
    return text
