"""A real browser for the tests of pages: opened from disk, without a network."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
if not BROWSER or not DRIVER:
    pytest.skip("needs chromium and chromedriver", allow_module_level=True)
webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")

from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import Select, WebDriverWait  # noqa: E402

__all__ = ["Keys", "Select"]
SWITCHES = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--no-first-run", "--disable-dev-shm-usage", "--hide-scrollbars"),
)
WAIT = 30.0


def begun(profile: Path) -> Any:
    """A browser that looks up no name: whatever it asked the network for would fail."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    rules = "--host-resolver-rules=MAP * ~NOTFOUND"
    for switch in (*SWITCHES, rules, f"--user-data-dir={profile}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))


def show(browser: Any, url: str, width: int, scheme: str) -> None:
    """Open a page: how wide, light or dark."""
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    media = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    browser.get("about:blank")
    browser.get(url)
    until(browser, "document.documentElement.dataset.ready")


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


def click(browser: Any, selector: str) -> None:
    """Click an element, wherever on the page it is."""
    browser.execute_script("document.querySelector(arguments[0]).click()", selector)


def focused(browser: Any) -> str:
    """What has the focus: its id, or its text."""
    return str(
        browser.execute_script("const e = document.activeElement; return e.id || e.innerText")
    )


def focus_by_tab(browser: Any, wanted: str) -> None:
    """Go on with Tab until something has the focus."""
    for _ in range(80):
        press(browser, Keys.TAB)
        if focused(browser) == wanted:
            return
    raise AssertionError(f"{wanted} is not reached by Tab")
