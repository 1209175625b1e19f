"""Grids as pictures for notebooks: SVG in the ten colours of ARC, and as text where there is none.

Lines between cells are of a grey that is seen on all ten colours, and on light and dark pages; text
has the page's own colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from typing import Any, Final

PALETTE: Final = (
    *("#000000", "#0074d9", "#ff4136", "#2ecc40", "#ffdc00"),
    *("#aaaaaa", "#f012be", "#ff851b", "#7fdbff", "#870c25"),
)
OTHER: Final = "#5b4a8a"
"""A colour that is no digit."""

_LINES: Final = "#7f7f7f"
_LARGEST_CELL: Final = 20
_LARGEST_SIDE: Final = 240
"""In pixels."""
_FIGURE: Final = "display:inline-block;margin:4px 8px;vertical-align:top;text-align:center"
_SAMPLE: Final = "display:inline-block;margin-right:24px;white-space:nowrap;vertical-align:top"
_CAPTION: Final = "font-size:11px"


class Drawing:
    """Grids that a notebook draws side by side; `str` gives them as text.

    grids: rows of colours, as arrays, lists or tuples; captions: what stands above each.
    """

    def __init__(self, grids: Iterable[Any], captions: Sequence[str] = ()) -> None:
        self.grids = [_rows(grid) for grid in grids]
        self.captions = [*captions, *[""] * len(self.grids)][: len(self.grids)]

    def __str__(self) -> str:
        return "\n\n".join("\n".join(" ".join(map(str, row)) for row in g) for g in self.grids)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        pairs = zip(self.grids, self.captions, strict=True)
        return f"<div>{''.join(figure(grid, caption) for grid, caption in pairs)}</div>"


def show(*grids: Any) -> Drawing:
    """Grids, to be drawn side by side where a notebook's cell ends with them: `show(grid)`."""
    return Drawing(grids)


def figure(grid: Any, caption: str = "") -> str:
    """One grid as HTML, its caption and its size above it; `?` for none."""
    rows = _rows(grid)
    if not rows or not rows[0]:
        return _figure(caption, '<span style="font-size:40px">?</span>')
    size = f"{len(rows)}x{len(rows[0])}"
    return _figure(f"{caption} {size}".strip(), _svg(rows))


def samples_html(title: str, samples: Iterable[tuple[str, Any, Any]]) -> str:
    """Samples, as many beside each other as fit: what each is called, its input, its output."""
    lines = [
        f'<div style="{_SAMPLE}">{figure(given, f"{name} input")}'
        f"{figure(wanted, f'{name} output')}</div>"
        for name, given, wanted in samples
    ]
    head = f"<p><b>{escape(title)}</b></p>" if title else ""
    return f"<div>{head}{''.join(lines)}</div>"


def _rows(grid: Any) -> list[list[int]]:
    return [[int(cell) for cell in row] for row in ([] if grid is None else grid)]


def _figure(caption: str, body: str) -> str:
    head = f'<div style="{_CAPTION}">{escape(caption)}</div>'
    return f'<div style="{_FIGURE}">{head}{body}</div>'


def _svg(rows: list[list[int]]) -> str:
    """The cells, those of one colour that follow each other in a row as one rectangle."""
    height, width = len(rows), len(rows[0])
    cell = max(2, min(_LARGEST_CELL, _LARGEST_SIDE // max(height, width)))
    parts = []
    for i, row in enumerate(rows):
        j = 0
        for colour, run in groupby(row):
            count = len(list(run))
            fill = PALETTE[colour] if 0 <= colour < len(PALETTE) else OTHER
            parts.append(f'<rect x="{j}" y="{i}" width="{count}" height="1" fill="{fill}"/>')
            j += count
    across = "".join(f"M0 {i}h{width}" for i in range(height + 1))
    down = "".join(f"M{j} 0v{height}" for j in range(width + 1))
    lines = f'<path d="{across}{down}" stroke="{_LINES}" stroke-width="{1 / cell:.3f}"/>'
    half = 0.5 / cell  # of a line, so that those at the edges are whole
    box = f"{-half:.3f} {-half:.3f} {width + 2 * half:.3f} {height + 2 * half:.3f}"
    return (
        f'<svg width="{width * cell + 1}" height="{height * cell + 1}" viewBox="{box}" role="img" '
        f'aria-label="{height}x{width} grid">{"".join(parts)}{lines}</svg>'
    )
