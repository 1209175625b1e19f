"""The HTML report in a real browser, from disk, without a network."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.battery.closeup import CloseUp
from pipeline.data.tasks import Sample, Task
from pipeline.report.html import render_html
from tests.report.small_report import ERROR, RIGHT, SOLVERS, TASKS, WRONG, found

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
if not BROWSER or not DRIVER:
    pytest.skip("needs chromium and chromedriver", allow_module_level=True)
webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")

from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import Select, WebDriverWait  # noqa: E402

SWITCHES = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--no-first-run", "--disable-dev-shm-usage", "--hide-scrollbars"),
)
WAIT = 30.0
NAMES = [f"own/{RIGHT}", f"own/{WRONG}", f"re-arc/{ERROR}", "own/33333333"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser that looks up no name: whatever it asked the network for would fail."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    profile = tmp_path_factory.mktemp("profile")
    rules = "--host-resolver-rules=MAP * ~NOTFOUND"
    for switch in (*SWITCHES, rules, f"--user-data-dir={profile}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a few solvers."""
    path = tmp_path_factory.mktemp("report") / "index.html"
    path.write_text(render_html(found()), "utf-8")
    return path


@pytest.fixture
def opened(browser: Any, page: Path) -> Callable[..., Any]:
    """Opens the report: how wide, light or dark, at which solver."""

    def open_page(
        width: int = 1280, scheme: str = "light", solver: str = "", at: Path = page
    ) -> Any:
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        media = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
        browser.get("about:blank")
        browser.get(at.as_uri() + (f"#{solver}" if solver else ""))
        until(browser, "document.documentElement.dataset.ready")
        return browser

    return open_page


def until(browser: Any, condition: str) -> None:
    """Wait until something holds of the page."""
    WebDriverWait(browser, WAIT, 0.02).until(lambda d: d.execute_script(f"return {condition}"))


def texts(browser: Any, selector: str) -> list[str]:
    """The texts of elements, as they are seen."""
    script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.innerText)"
    return [" ".join(text.split()) for text in browser.execute_script(script, selector)]


def tasks(browser: Any) -> list[str]:
    """The tasks of the table, from the top."""
    return texts(browser, "#table tbody a")


def press(browser: Any, *keys: str) -> None:
    """Press keys, one after the other, wherever the focus is."""
    for key in keys:
        webdriver.ActionChains(browser).send_keys(key).perform()


def focused(browser: Any) -> str:
    """What has the focus: its id, or its text."""
    return str(
        browser.execute_script("const e = document.activeElement; return e.id || e.innerText")
    )


def focus_by_tab(browser: Any, wanted: str) -> None:
    """Go on with Tab until something has the focus."""
    for _ in range(40):
        press(browser, Keys.TAB)
        if focused(browser) == wanted:
            return
    raise AssertionError(f"{wanted} is not reached by Tab")


def test_the_figures_are_there(opened: Callable[..., Any]) -> None:
    browser = opened()
    assert browser.title == "1 of 4 tasks solved: battery report"
    assert texts(browser, ".facts") == [
        "set; the solvers run on the samples of their tasks by cpu in 0.2 s, loading and all else "
        "left out"
    ]
    assert texts(browser, ".figures dd") == ["1 of 4", "2 of 6", "1 of 4", "17 in 9 groups"]
    assert texts(browser, ".tally tr") == [
        "corpus own re-arc all",
        "solvers 3 1 4",
        "right 1 0 1",
        "wrong 1 0 1",
        "error 0 1 1",
        "broken 1 0 1",
        "samples right 2 of 5 0 of 1 2 of 6",
    ]
    assert texts(browser, "#table tbody tr") == [
        f"{RIGHT} own right 2 of 2 0.25 2",
        f"{WRONG} own wrong 0 of 2 1.50 2",
        f"{ERROR} re-arc error (known) 0 of 1 0.13 6",
        "33333333 own broken 0 of 1",
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
    focus_by_tab(browser, "status")  # the filter of this name; the headings come behind it
    focus_by_tab(browser, "status")
    press(browser, Keys.ENTER)
    assert tasks(browser) == ["33333333", ERROR, WRONG, RIGHT]
    sorts = "[...document.querySelectorAll('th[data-key]')].map((e) => e.ariaSort)"
    assert browser.execute_script(f"return {sorts}").count("none") == 5


def test_filters_narrow_the_table(opened: Callable[..., Any]) -> None:
    browser = opened()
    find = browser.find_element("id", "find")
    find.send_keys("HMIRROR")  # of the source
    assert tasks(browser) == [RIGHT, WRONG]
    assert texts(browser, "#shown") == ["2 of 4 solvers"]
    find.send_keys(" upside")
    assert tasks(browser) == [RIGHT]
    find.send_keys(" nothing")
    assert texts(browser, "#table tbody tr") == ["No solver matches."]
    find.clear()
    find.send_keys(" ")
    Select(browser.find_element("id", "status")).select_by_value("not-right")
    assert tasks(browser) == [WRONG, ERROR, "33333333"]
    Select(browser.find_element("id", "status")).select_by_value("error")
    assert tasks(browser) == [ERROR]
    Select(browser.find_element("id", "corpus")).select_by_visible_text("own")
    assert tasks(browser) == []


def test_a_panel_is_opened_stepped_through_and_closed_by_keyboard(
    opened: Callable[..., Any],
) -> None:
    browser = opened()
    focus_by_tab(browser, RIGHT)
    press(browser, Keys.ARROW_DOWN)
    assert focused(browser) == WRONG
    press(browser, Keys.ENTER)
    until(browser, "document.getElementById('panel').open")
    assert texts(browser, "#panel-title") == [f"own/{WRONG}"]
    assert browser.current_url.endswith(f"#own/{WRONG}")
    press(browser, "n")
    assert texts(browser, "#panel-title") == [f"re-arc/{ERROR}"]
    press(browser, "p", "p")
    assert texts(browser, "#panel-title") == [f"own/{RIGHT}"]
    press(browser, Keys.ESCAPE)
    until(browser, "!document.getElementById('panel').open")
    until(browser, "location.hash === ''")
    assert focused(browser) == RIGHT


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
    assert texts(browser, ".verdict") == [f"wrong: 0 of 2 samples right, own/{WRONG}.py:1"]
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
        "9 n2: Indices = rt.difference(d0, n1, n1) # x "
        "10 n3: Pair = rt.first(d0, n2) # x",
        "3 O = fill(I, ONE, initset(x)) 11 n4: Indices = rt.initset(d0, n3) # O "
        "12 n5: Grid = rt.fill(d0, n0, 1, n4) # O",
        "4 return O 13 rt.verdict(solver, d0, n5, after=(n1, n5))",
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


def test_the_matrix_is_read_by_keyboard(opened: Callable[..., Any]) -> None:
    browser = opened()
    focus_by_tab(browser, "heat")
    said = [texts(browser, "#readout")[0]]
    for key in (Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_LEFT, Keys.ARROW_DOWN, Keys.END):
        press(browser, key)
        said += texts(browser, "#readout")
    assert said == [
        f"own/{RIGHT} on set/{RIGHT}: 2 of 2 right",
        f"own/{RIGHT} on set/{WRONG}: 1 of 1 right",
        f"own/{WRONG} on set/{WRONG}: 0 of 1 right, 1 wrong",
        f"own/{WRONG} on set/{RIGHT}: 1 of 2 right, 1 wrong",
        f"re-arc/{ERROR} on set/{RIGHT}: 0 of 2 right, 2 error",
        f"re-arc/{ERROR} on set/{ERROR}: 0 of 1 right, 1 error",
    ]
    press(browser, Keys.ENTER)
    until(browser, "document.getElementById('panel').open")
    assert texts(browser, "#panel-title") == [f"re-arc/{ERROR}"]
    opened(solver=f"own/{RIGHT}")
    assert "Right on other tasks too: set/11111111" in texts(browser, "#panel-body p")


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
    assert len(tasks(browser)) == 1000
    assert browser.execute_script("return document.documentElement.scrollWidth") == 380
    assert len(texts(browser, ".lane canvas")) == 3
    press(browser, Keys.ESCAPE)
    browser.find_element("id", "more").click()
    assert len(tasks(browser)) == 2000
    assert texts(browser, "#more") == ["Show 500 more"]
    browser.find_element("id", "more").click()
    assert not browser.find_element("id", "more").is_displayed()
