"""The HTML report in a real browser, from disk, without a network."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.battery.closeup import CloseUp
from pipeline.data.tasks import Sample, Task
from pipeline.report.html import render_html
from tests.report.browsing import (
    Keys,
    Select,
    click,
    focus_by_tab,
    focused,
    press,
    tasks,
    texts,
    until,
)
from tests.report.small_report import ERROR, RIGHT, SOLVERS, TASKS, WRONG, found

NAMES = [f"own/{RIGHT}", f"own/{WRONG}", f"re-arc/{ERROR}", "own/33333333"]


def test_the_figures_are_there(opened: Callable[..., Any]) -> None:
    browser = opened()
    assert browser.title == "1 of 4 tasks solved: battery report"
    assert texts(browser, "h1, .top .verdict") == ["1 of 4 tasks solved"] * 2
    assert texts(browser, ".facts li") == [
        "set",
        "the solvers run on the samples of their tasks by cpu in 0.2 s, loading and all else "
        "left out",
    ]
    assert texts(browser, "header .figures dd") == ["2 of 6", "1 of 4", "17 in 9 groups"]
    assert texts(browser, "#chips button") == [
        *("all 4", "not right 3", "right 1", "wrong 1", "error 1", "broken 1")
    ]
    assert texts(browser, ".tally tr") == [
        "corpus solvers right wrong error broken samples right",
        "all 4 1 1 1 1 2 of 6",
        "own 3 1 1 0 1 2 of 5",
        "re-arc 1 0 0 1 0 0 of 1",
    ]


def test_failures_come_first_and_what_may_fail_behind_what_may_not(
    opened: Callable[..., Any],
) -> None:
    assert texts(opened(), "#table tbody tr") == [
        "33333333 own broken error[wrong-arity]: hconcat takes 2 arguments, got 1 0 of 1",
        f"{WRONG} own wrong train[0]: 1 cell differs, first at (1, 1): expected 2, got 12 "
        "0 of 2 1 of 3 1.500 2",
        f"{ERROR} re-arc error (known) train[0]: first: EMPTY: needs at least one element "
        "0 of 1 0.125 7",
        f"{RIGHT} own right 2 of 2 3 of 3 0.250 2",
    ]


def test_the_navigation_stays_and_names_the_sections(opened: Callable[..., Any]) -> None:
    browser = opened()
    names = texts(browser, ".top nav a")
    assert names == ["Solvers", "Corpora", "Matrix", "Stress", "Diagnosis", "Profile"]
    for name in names:
        browser.find_element("link text", name).click()
        place = f"document.getElementById('{name.lower()}').getBoundingClientRect()"
        until(browser, f"{place}.top < innerHeight && {place}.bottom > 40")
        top = "document.querySelector('.top').getBoundingClientRect().top"
        assert browser.execute_script(f"return {top}") == 0


def test_a_count_shows_what_it_counts(opened: Callable[..., Any]) -> None:
    browser = opened()
    click(browser, "#chips [data-status=not-right]")
    assert tasks(browser) == ["33333333", WRONG, ERROR]
    click(browser, ".tally tr:nth-child(2) td:nth-child(2) button")
    assert tasks(browser) == ["33333333", WRONG, RIGHT]
    pressed = "[...document.querySelectorAll('#chips [aria-pressed=true]')].map((e) => e.innerText)"
    assert browser.execute_script(f"return {pressed}") == ["all 4"]
    click(browser, "#chips [data-status=broken]")
    assert tasks(browser) == ["33333333"]


def test_other_results_have_sections(opened: Callable[..., Any]) -> None:
    browser = opened()
    assert texts(browser, "#stress tbody tr") == [
        f"own/{WRONG} 1 of 3 generated[1] error: first: EMPTY"
    ]
    assert texts(browser, "#stress .left")[0].startswith(
        f"doit show own/{WRONG} --sample 'generated[1]' --seed 7"
    )
    assert texts(browser, "#diagnosis .findings > li") == [
        "it runs on each sample fail 2 of 4 samples own/x (known), 2 of 4 samples, first train[0]: "
        "error: first own/x.py:3 Next: change it"
    ]
    assert texts(browser, "#diagnosis .warning") == [
        "This is older than the present battery: run doit diagnose."
    ]
    click(browser, "#stress .link")
    assert tasks(browser)[:2] == [WRONG, RIGHT]
    opened(solver=f"own/{WRONG}")
    assert texts(browser, ".strain") == [
        "Stress: 1 of 3 generated samples right; generated[1]: first: EMPTY"
    ]


def test_nothing_is_asked_of_the_network(opened: Callable[..., Any], page: Path) -> None:
    browser = opened()
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    opened(solver=f"own/{WRONG}")
    assert browser.get_log("browser") == []
    sent = [
        e["message"] for e in browser.get_log("performance") if "requestWillBeSent" in e["message"]
    ]
    assert sent
    urls = [re.search(r'"url":"([^"]*)"', message) for message in sent]
    assert {u[1].split(":")[0] for u in urls if u} <= {"file", "about", "data"}
    assert not re.search(r"(src|href)=\"?(https?:)?//", page.read_text("utf-8"))


def test_a_click_on_a_heading_sorts_and_a_second_one_turns_around(
    opened: Callable[..., Any],
) -> None:
    browser = opened()
    head = browser.find_element("css selector", "th[data-key=ms] button")
    orders = []
    for _ in range(2):
        head.click()
        orders.append(tasks(browser))
        state = browser.execute_script("return document.querySelector('th[data-key=ms]').ariaSort")
        orders.append(state)
    # What has no time comes last either way.
    assert orders == [
        [WRONG, RIGHT, ERROR, "33333333"],
        "descending",
        [ERROR, RIGHT, WRONG, "33333333"],
        "ascending",
    ]


def test_the_table_is_sorted_by_keyboard(opened: Callable[..., Any]) -> None:
    browser = opened()
    focus_by_tab(browser, "task")
    press(browser, Keys.ENTER)
    assert tasks(browser) == [RIGHT, WRONG, ERROR, "33333333"]
    sorts = "[...document.querySelectorAll('th[data-key]')].map((e) => e.ariaSort)"
    assert browser.execute_script(f"return {sorts}").count("none") == 6


def test_filters_narrow_the_table(opened: Callable[..., Any]) -> None:
    browser = opened()
    find = browser.find_element("id", "find")
    find.send_keys("HMIRROR")  # of the source, which is unpacked first
    until(browser, "document.getElementById('shown').innerText === '2 of 4 solvers'")
    assert tasks(browser) == [WRONG, RIGHT]
    find.send_keys(" upside")
    assert tasks(browser) == [RIGHT]
    find.send_keys(" nothing")
    assert texts(browser, "#table tbody tr") == ["No solver matches."]
    find.clear()
    find.send_keys(" ")
    click(browser, "#chips [data-status=error]")
    assert tasks(browser) == [ERROR]
    Select(browser.find_element("id", "corpus")).select_by_visible_text("own")
    assert tasks(browser) == []


def test_a_panel_is_opened_stepped_through_and_closed_by_keyboard(
    opened: Callable[..., Any],
) -> None:
    browser = opened()
    focus_by_tab(browser, "33333333")
    press(browser, Keys.ARROW_DOWN)
    assert focused(browser) == WRONG
    press(browser, Keys.ENTER)
    until(browser, "document.getElementById('panel').open")
    assert texts(browser, "#panel-title") == [f"own/{WRONG}"]
    assert browser.current_url.endswith(f"#own/{WRONG}")
    press(browser, "n", "n")
    assert texts(browser, "#panel-title") == [f"own/{RIGHT}"]
    press(browser, "p")
    assert texts(browser, "#panel-title") == [f"re-arc/{ERROR}"]
    press(browser, Keys.ESCAPE)
    until(browser, "!document.getElementById('panel').open")
    until(browser, "location.hash === ''")
    assert focused(browser) == ERROR


def test_a_link_opens_its_panel_and_back_closes_it(opened: Callable[..., Any]) -> None:
    browser = opened()
    browser.find_element("css selector", f"a[href='#own/{WRONG}']").click()
    until(browser, "document.getElementById('panel').open")
    browser.back()
    until(browser, "!document.getElementById('panel').open")
    opened(solver=f"re-arc/{ERROR}")
    assert texts(browser, "#panel-title") == [f"re-arc/{ERROR}"]


def test_a_panel_shows_grids_and_what_differs(opened: Callable[..., Any]) -> None:
    browser = opened(solver=f"own/{WRONG}")
    assert texts(browser, "#panel .verdict") == [
        f"wrong: 0 of 2 samples right, 1.500 ms, 2 nodes, own/{WRONG}.py:1"
    ]
    assert texts(browser, ".lane h4") == [
        "train[0] wrong: 1 cell differs, first at (1, 1): expected 2, got 12",
        "test[0] wrong: a grid of 2x2, expected 1x3",
    ]
    labels = "[...document.querySelectorAll('.lane canvas')].map((e) => e.ariaLabel)"
    assert browser.execute_script(f"return {labels}") == [
        "input, 2x2: 1 2; 3 4",
        "expected, 2x2, 1 cells marked: 3 4; 1 2",
        "produced, 2x2, 1 cells marked: 3 4; 1 12",
        "input, 1x3: 0 5 0",
        "expected, 1x3, 5 cells marked: 0 5 0",
        "produced, 2x2, 5 cells marked: 1 2; 3 4",
    ]


def pixel(browser: Any, canvas: int, x: int, y: int) -> list[int]:
    """The colour of a point of one of the grids."""
    script = """const c = document.querySelectorAll('.lane canvas')[arguments[0]];
    const at = [arguments[1], arguments[2], 1, 1];
    return [...c.getContext('2d').getImageData(...at).data].slice(0, 3);"""
    return list(browser.execute_script(script, canvas, x, y))


def test_cells_have_the_colours_of_the_palette_and_marks(opened: Callable[..., Any]) -> None:
    browser = opened(solver=f"own/{WRONG}")
    corner, middle = 3, 11  # of cells of 22 pixels
    assert pixel(browser, 0, corner, corner) == [0x00, 0x74, 0xD9]
    assert pixel(browser, 0, 22 + corner, corner) == [0xFF, 0x41, 0x36]
    assert pixel(browser, 1, corner, corner) == [0x2E, 0xCC, 0x40]
    assert pixel(browser, 1, 22 + corner, 22 + corner) == [0xFF, 0x41, 0x36]
    assert pixel(browser, 1, 22 + middle, 22 + middle) == [255, 255, 255]
    assert pixel(browser, 0, 22 + middle, 22 + middle) == [0xFF, 0xDC, 0x00]
    browser.find_element("id", "digits").click()
    assert pixel(browser, 1, 22 + 3, 22 + 3) == [255, 255, 255]  # a frame, around the digit


def test_source_and_code_stand_line_to_line(opened: Callable[..., Any]) -> None:
    browser = opened(solver=f"re-arc/{ERROR}")
    assert texts(browser, ".listing .pair") == [
        f"re-arc/{ERROR}.py generated/solvers/re-arc/{ERROR}.py",
        "1 def solve_22222222(I): 4 def solve(rt, solver=0): 6 d0 = rt.lanes(solver) "
        "7 n0: Grid = rt.input(d0) # I",
        "2 x = first(difference(asindices(I), asindices(I))) # none "
        "8 n1: Indices = rt.asindices(d0, n0) # x "
        "9 n2: Set[Nothing] = rt.difference(d0, n1, n1) # x "
        "10 n3: Nothing = rt.first(d0, n2) # x",
        "3 O = fill(I, ONE, initset(x)) 11 n4: Set[Nothing] = rt.initset(d0, n3) # O "
        "12 n5: Indices = rt.convert(d0, n4, 'Set[Nothing]', 'Indices') # O "
        "13 n6: Grid = rt.fill(d0, n0, 1, n5) # O",
        "4 return O 14 rt.verdict(solver, d0, n6, after=(n1, n4, n6))",
    ]
    where = f"re-arc/{ERROR}.py:2: x = first(difference(asindices(I), asindices(I))) # none"
    assert texts(browser, ".where") == [where]
    assert texts(browser, ".where mark") == ["first(difference(asindices(I), asindices(I)))"]
    assert texts(browser, ".failed .row > span") == ["2", "8", "9", "10"]
    assert texts(browser, ".listing mark") == []
    browser.execute_script("document.querySelectorAll('.code .row[tabindex]')[1].focus()")
    assert texts(browser, ".listing mark") == ["difference(asindices(I), asindices(I))"]
    press(browser, Keys.TAB)
    assert texts(browser, ".listing mark") == ["first(difference(asindices(I), asindices(I)))"]


def test_a_broken_solver_shows_what_is_wrong(opened: Callable[..., Any]) -> None:
    browser = opened(solver="own/33333333")
    said = "own/33333333.py:2:12: error[wrong-arity]: hconcat takes 2 arguments, got 1"
    assert texts(browser, ".problem") == [said]
    assert texts(browser, ".lane h4") == ["train[0]"]
    assert texts(browser, ".lane figcaption") == ["input 2x2", "expected 2x2"]
    assert texts(browser, ".listing .pair")[1:] == [
        "1 def solve_33333333(I):",
        "2 return hconcat(I)",
    ]


def test_the_plots_of_the_profile_are_there(opened: Callable[..., Any]) -> None:
    browser = opened()
    assert texts(browser, "#profile figcaption") == [
        "By phase",
        "By operation",
        "Time by number of tasks",
    ]
    assert texts(browser, "#profile tr") == [
        "generate 3.2 s",
        "run 125 ms",
        "objects 50 ms",
        "fill 12.5 ms",
    ]
    label = browser.execute_script("return document.querySelector('.curve').ariaLabel")
    assert label == "Time by number of tasks: 10 tasks 500 ms, 400 tasks 4.0 s"


def test_what_there_is_not_is_left_out(opened: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "bare.html"
    bare = found(matrix=None, profile=None, milliseconds={}, listings={}, solvers=(), problems={})
    path.write_text(render_html(bare), "utf-8")
    browser = opened(at=path)
    assert texts(browser, "#matrix, #profile") == []
    assert texts(browser, "#shown") == ["0 solvers"]
    assert browser.title == "0 of 0 tasks solved: battery report"


def brightness(browser: Any, script: str) -> float:
    """How bright a colour of the page is, from 0 to 255."""
    colour = browser.execute_script(f"return getComputedStyle({script}).color")
    return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3


def background(browser: Any) -> float:
    """How bright the page is."""
    script = "return getComputedStyle(document.body).backgroundColor"
    return sum(map(int, re.findall(r"\d+", browser.execute_script(script))[:3])) / 3


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_the_page_follows_light_and_dark(
    opened: Callable[..., Any], scheme: str, is_dark: bool
) -> None:
    browser = opened(scheme=scheme)
    assert (background(browser) < 60) == is_dark
    for part in ("document.body", "document.querySelector('#table td:nth-child(3)')"):
        assert abs(brightness(browser, part) - background(browser)) > 120


@pytest.mark.parametrize("width", [320, 380, 768])
@pytest.mark.parametrize("solver", ["", *NAMES])
def test_nothing_scrolls_sideways(opened: Callable[..., Any], width: int, solver: str) -> None:
    browser = opened(width=width, solver=solver)
    assert browser.execute_script("return document.documentElement.scrollWidth") == width
    assert browser.execute_script("return innerWidth") == width
    panel = "document.getElementById('panel')"
    assert browser.execute_script(f"return {panel}.scrollWidth - {panel}.clientWidth") == 0


def test_many_solvers_and_large_grids_are_drawn_at_once(
    opened: Callable[..., Any], tmp_path: Path
) -> None:
    large = tuple(tuple((i * j) % 10 for j in range(100)) for i in range(100))
    sample = Sample(SOLVERS[0].lanes[0].sample.input, large)
    lane = replace(SOLVERS[1].lanes[0], sample=sample, produced=large[:99])
    names = [f"{k:08x}" for k in range(2500)]
    every = {name: Task(name, (sample,), ()) for name in names}
    rows = [CloseUp(f"own/{name}", (lane,)) for name in names]
    path = tmp_path / "large.html"
    given = found(solvers=rows, tasks={**TASKS, **every}, problems={}, matrix=None, profile=None)
    path.write_text(render_html(given), "utf-8")
    browser = opened(width=380, at=path, solver="own/000009c3")
    assert texts(browser, "#shown") == ["2,500 solvers"]
    assert len(tasks(browser)) == 100
    assert browser.execute_script("return document.documentElement.scrollWidth") == 380
    assert len(texts(browser, ".lane canvas")) == 3
    press(browser, Keys.ESCAPE)
    browser.find_element("id", "more").click()
    assert len(tasks(browser)) == 1100
    assert texts(browser, "#more") == ["Show 1,000 more of 1,400"]
    browser.find_element("id", "more").click()
    browser.find_element("id", "more").click()
    assert not browser.find_element("id", "more").is_displayed()
