"""The plots of a profile: what is in them, and that they are the same each time."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.report.small_profile import SOLVERS, profile, scale

pytest.importorskip("matplotlib", reason="needs the extra plots")

from pipeline.report.profile_svg import draw_profile

SVG = "{http://www.w3.org/2000/svg}"
COMPARISON = {
    "made": "2029-01-02 03:04:05 UTC",
    "changes": [
        {"kind": "whole", "name": "whole", "before": 1.0, "now": 1.6},
        {"kind": "pass", "name": "parse", "before": 0.5, "now": 0.25},
    ],
}


def texts(svg: str) -> list[str]:
    """The texts of a picture, which must be XML."""
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def whole() -> dict[str, Any]:
    return {**profile(), "comparison": COMPARISON}


def test_each_plot_names_what_it_shows() -> None:
    drawn = {name: texts(svg) for name, svg in draw_profile(whole()).items()}
    said = {
        "phases": ["Where the time goes: 1,600 ms for 40 tasks", "generate", "collect", "1,200"],
        "operations": ["The slowest of 2 operations: kernels in a check", "merge", "fill", "3"],
        "solvers": ["The slowest of 2 solvers", "re-arc/0a1b2c3d", "15", "compile", "run"],
        "scaling": ["How the time grows with the tasks", "10", "20", "40", "1.0 s", "200 ms"],
        "changes": ["What changed since 2029-01-02 03:04:05 UTC", "pass parse", "+600", "−250"],
    }
    assert list(drawn) == list(said)
    for name, expected in said.items():
        assert [text for text in expected if text not in drawn[name]] == []


def test_the_same_profile_gives_the_same_bytes_in_any_process_and_with_any_style() -> None:
    style = "{'font.size': 30, 'svg.fonttype': 'path', 'axes.grid': True, 'lines.linewidth': 9}"
    code = (
        "import hashlib, matplotlib\n"
        "before = dict(matplotlib.rcParams)\n"
        "from pipeline.report.profile_svg import draw_profile\n"
        "from tests.report.test_profile_svg import whole\n"
        "for svg in draw_profile(whole()).values():\n"
        "    print(hashlib.sha256(svg.encode()).hexdigest())\n"
        "assert dict(matplotlib.rcParams) == before\n"
    )
    styled = code.replace("before", f"matplotlib.rcParams.update({style})\nbefore", 1)
    runs = [
        subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
        for text in (code, styled)
    ]
    assert len(runs[0].stdout.split()) == 5
    assert runs[0].stdout == runs[1].stdout


def test_nothing_in_them_tells_the_day_and_nothing_is_opaque() -> None:
    for name, svg in draw_profile(whole()).items():
        assert "<dc:date>" not in svg, name
        assert "prefers-color-scheme:dark" in svg, name
        assert "opacity: 0" in svg, name  # what lies behind all is not painted
        assert not any(white in svg for white in ("#ffffff", "#000000")), name


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"comparison": None}, "changes"),
        ({"comparison": {**COMPARISON, "changes": []}}, "changes"),
        ({"comparison": {**COMPARISON, "changes": None}}, "changes"),
        (profile(operations=()), "operations"),
        (profile(scaling=(scale(40, 1.6),)), "scaling"),
    ],
)
def test_what_there_is_nothing_of_is_not_drawn(changed: dict[str, Any], missing: str) -> None:
    assert set(draw_profile(whole())) - set(draw_profile({**whole(), **changed})) == {missing}


def test_of_the_reference_solvers_have_only_one_bar() -> None:
    solvers = tuple(replace(row, run=None) for row in SOLVERS)
    drawn = texts(draw_profile(profile(solvers=solvers))["solvers"])
    assert "compile" not in drawn
    assert "12" in drawn


def test_a_bar_whose_repeats_went_astray_does_not_flatten_the_others() -> None:
    raw = profile()
    raw["operations"][1]["most"] = 1.0
    near = draw_profile(raw)["operations"]
    assert "0" in texts(near)
    assert not any(text in texts(near) for text in ("1000", "800", "200"))
