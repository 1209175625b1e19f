"""Grids, samples and tasks as notebooks draw them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from pipeline.data.grid_html import OTHER, PALETTE, figure, show
from pipeline.data.tasks import UNKNOWN, Grid, Sample, Task

GRID = ((0, 0, 1), (9, 2, 2))


def drawn_cells(html: str) -> list[Grid]:
    """The grids of a drawing, which must be well-formed, read off its rectangles."""
    numbers = {colour: k for k, colour in enumerate((*PALETTE, OTHER))}
    grids = []
    for svg in ET.fromstring(html).iter("svg"):
        cells = {}
        for rect in svg.iter("rect"):
            x, y, width = (int(rect.get(name, "")) for name in ("x", "y", "width"))
            assert rect.get("height") == "1"
            for j in range(x, x + width):
                assert (y, j) not in cells
                cells[y, j] = numbers[rect.get("fill", "")]
        height, width = (1 + max(place) for place in zip(*cells, strict=True))
        grids.append(tuple(tuple(cells[i, j] for j in range(width)) for i in range(height)))
    return grids


def captions(html: str) -> list[str]:
    """What stands above each grid."""
    found = [div.text or "" for div in ET.fromstring(html).iter("div")]
    return [text for text in found if text]


@pytest.mark.parametrize("kind", [tuple, list, np.array])
def test_a_grid_is_drawn_cell_by_cell(kind: type) -> None:
    drawing = show(kind(GRID))
    assert drawn_cells(drawing._repr_html_()) == [GRID]
    assert str(drawing) == repr(drawing) == "0 0 1\n9 2 2"


def test_all_colours_and_those_that_are_none() -> None:
    everything = (tuple(range(12)), (-1,) * 12)
    shown = (*range(10), 10, 10)
    assert drawn_cells(figure(everything)) == [(shown, (10,) * 12)]


def test_several_grids_stand_side_by_side() -> None:
    html = show(GRID, ((5,),))._repr_html_()
    assert drawn_cells(html) == [GRID, ((5,),)]
    assert captions(html) == ["2x3", "1x1"]


@pytest.mark.parametrize("size", [1, 10, 30, 100])
def test_no_drawing_is_large(size: int) -> None:
    html = figure(((1,) * size,) * size)
    width, height = map(int, re.findall(r'(?:width|height)="(\d+)" ', html)[:2])
    assert 20 <= width == height <= 241
    assert drawn_cells(html) == [((1,) * size,) * size]


def test_a_task_shows_all_samples_and_what_is_not_known() -> None:
    task = Task("<67a3>", (Sample(GRID, ((1,),)),), (Sample(((2,),), UNKNOWN),))
    html = task._repr_html_()
    assert drawn_cells(html) == [GRID, ((1,),), ((2,),)]
    assert ET.fromstring(html).findtext(".//b") == "<67a3>"
    assert captions(html) == [
        *("train[0] input 2x3", "train[0] output 1x1", "test[0] input 1x1", "test[0] output")
    ]
    assert [span.text for span in ET.fromstring(html).iter("span")] == ["?"]


def test_a_sample_shows_both_grids() -> None:
    html = Sample(GRID, ((1,),))._repr_html_()
    assert drawn_cells(html) == [GRID, ((1,),)]
    assert captions(html) == ["input 2x3", "output 1x1"]
