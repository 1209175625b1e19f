"""The matrix of the HTML report in a real browser: by keyboard, mouse and finger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.report.browsing import (
    Keys,
    Select,
    click,
    focus_by_tab,
    focused,
    press,
    texts,
    until,
    webdriver,
)
from tests.report.small_report import ERROR, RIGHT, WRONG


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


def at_cell(browser: Any, row: int, column: int) -> tuple[Any, int, int]:
    """The heat map, and where in it a cell is, from its middle."""
    field = browser.find_element("css selector", "#heat .field")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", field)
    columns = browser.execute_script("return document.getElementById('columns').value")
    of = 4 if columns == "samples" else 3
    size = field.size["width"] / of
    return field, int((column - of / 2 + 0.5) * size), int((row - 1.5 + 0.5) * size)


def test_a_click_in_the_matrix_opens_that_solver_on_that_task(opened: Callable[..., Any]) -> None:
    browser = opened()
    webdriver.ActionChains(browser).move_to_element_with_offset(
        *at_cell(browser, 1, 0)
    ).click().perform()
    until(browser, "document.getElementById('panel').open")
    assert texts(browser, "#panel-title") == [f"own/{WRONG} on set/{RIGHT}"]
    assert texts(browser, "#panel .lane h4") == ["train[0] wrong", "test[0] right"]
    assert texts(browser, "#panel figcaption") == ["input 2x2", "expected 2x2"] * 2
    press(browser, Keys.ESCAPE)
    until(browser, "!document.getElementById('panel').open")
    assert focused(browser) == "heat"


def test_a_click_on_a_sample_opens_that_very_sample(opened: Callable[..., Any]) -> None:
    browser = opened()
    Select(browser.find_element("id", "columns")).select_by_value("samples")
    webdriver.ActionChains(browser).move_to_element_with_offset(
        *at_cell(browser, 0, 1)
    ).click().perform()
    until(browser, "document.getElementById('panel').open")
    assert texts(browser, "#panel-title") == [f"own/{RIGHT}"]
    assert texts(browser, ".lane.asked h4") == ["test[0] right"]
    assert browser.current_url.endswith(f"#own/{RIGHT}@set/{RIGHT}:test%5B0%5D")


def test_a_finger_marks_first_and_opens_then(opened: Callable[..., Any]) -> None:
    browser = opened(width=380)
    field, x, y = at_cell(browser, 1, 0)
    box = browser.execute_script("return arguments[0].getBoundingClientRect().toJSON()", field)
    at = {"x": box["x"] + box["width"] / 2 + x, "y": box["y"] + box["height"] / 2 + y}

    def tap() -> None:
        browser.execute_cdp_cmd(
            "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]}
        )
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        tap()
        until(browser, "document.querySelectorAll('#places a').length === 2")
        assert texts(browser, "#readout") == [f"own/{WRONG} on set/{RIGHT}: 1 of 2 right, 1 wrong"]
        assert not browser.execute_script("return document.getElementById('panel').open")
        tap()
        until(browser, "document.getElementById('panel').open")
    finally:
        browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
    assert texts(browser, "#panel-title") == [f"own/{WRONG} on set/{RIGHT}"]
    for link in browser.find_elements("css selector", "#places a"):
        assert link.size["height"] >= 30


def test_the_matrix_grows_and_shrinks(opened: Callable[..., Any]) -> None:
    browser = opened()
    width = "return document.querySelector('#heat .field').clientWidth"
    seen = [browser.execute_script(width)]
    for button in ("nearer", "farther", "farther"):
        click(browser, f"#{button}")
        seen.append(browser.execute_script(width))
    assert seen == [36, 48, 36, 24]
