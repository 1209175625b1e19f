"""Random programs that change lists of lists, under several names, in loops and choices.

What a front end takes of them must mean what it means in Python. Most have a list under two names
where it is changed, which is refused; the rest is what people write.
"""

from __future__ import annotations

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
