"""What is wrong in a page is found, and said with the page's name and line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.docs.copies import Copy
from tests.docs.following import Differs, Reader, comparable
from tests.docs.pages import Unclear, steps
from tests.docs.promises import (
    broken_links,
    missing_files,
    undocumented_tasks,
    unknown_extras,
    unknown_options,
)
from tests.docs.stand_ins import filled, is_long

DOIT = """\
#!/bin/sh
echo "$@" >> calls
case "$1" in
    wrong) echo "own: 0 of 4"; echo "check: 3 right (0.2 s)"; exit 1;;
    watch) trap 'echo "watch: ended"; exit 0' INT; echo "watch: 1 solver"
           while [ ! -f saved.py ]; do sleep 0.01; done; echo "watch: 1 right (0.1 s)"
           while true; do sleep 0.01; done;;
    *) echo "own: 4 of 4"; echo "check: 3 right (0.2 s)";;
esac
"""
OTHER = "own: 0 of 4\n...\n"
RIGHT = "own: 4 of 4\ncheck: 3 right (12.5 s)\n"


class Stage(Copy):
    """A folder with nothing but a `doit` that knows a few words."""

    def __init__(self, root: Path) -> None:
        self.root = root
        script = root / "bin" / "doit"
        script.parent.mkdir()
        script.write_text(DOIT)
        script.chmod(0o755)
        (root / "dodo.py").write_text("def task_check():\n    pass\n")
        places = (script.parent, Path(sys.executable).parent, os.environ["PATH"])
        self.environment = {**os.environ, "PATH": ":".join(map(str, places))}

    def make_small(self) -> None:
        """It is."""


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """Someone who reads pages beside that `doit`."""
    return Reader(Stage(tmp_path), "page.md")


def calls(reader: Reader) -> list[str]:
    """What was run."""
    return (reader.copy.root / "calls").read_text().splitlines()


def sh(*lines: str) -> str:
    return "\n".join(["```sh", *lines, "```", ""])


def shown(text: str) -> str:
    return f"```\n{text}```\n"


RIGHT_PAGE = f"""\
# Page

Run `doit check` first:

{shown(RIGHT)}
{sh("doit wrong  # ends with status 1")}
{shown(OTHER)}
`doit wrong` ends with status 1, `doit link` does not.

- `doit check`
  again
- and `check`
"""


def test_a_page_that_is_right_is_followed_to_its_end(reader: Reader) -> None:
    reader.follow(RIGHT_PAGE)
    assert calls(reader) == ["check", "wrong", "link"]


def test_what_a_command_prints_is_compared_but_for_measures(reader: Reader) -> None:
    with pytest.raises(Differs) as found:
        reader.follow("\n" + sh("doit check") + shown("own: 4 of 4\ncheck: 4 right (0.2 s)\n"))
    assert str(found.value) == (
        "page.md:6: the page shows\nown: 4 of 4\ncheck: 4 right (0.2 s)\nand this is printed\n"
        "own: 4 of 4\ncheck: 3 right (0.2 s)\n"
    )


@pytest.mark.parametrize("text", ["...\n", "own: 4 of 4\n...\n", "...\ncheck: 3 right (9 s)\n"])
def test_dots_stand_for_any_lines(reader: Reader, text: str) -> None:
    reader.follow(sh("doit check") + shown(text))


@pytest.mark.parametrize(
    "text", ["own: 4 of 4\n", "...\nown: 4 of 4\n", "check: 3 right (0.2 s)\n...\n", "\n"]
)
def test_lines_that_are_left_out_without_dots_are_missed(reader: Reader, text: str) -> None:
    with pytest.raises(Differs, match="the page shows"):
        reader.follow(sh("doit check") + shown(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (sh("doit wrong"), "page.md:2: `doit wrong` ends with status 1, not 0"),
        (
            sh("doit check  # ends with status 1"),
            "page.md:2: `doit check` ends with status 0, not 1",
        ),
        ("Run `doit wrong` now.\n", "page.md:1: `doit wrong` ends with status 1, not 0"),
        (shown(RIGHT), "page.md:2: what is shown here no command has printed"),
        (
            sh("doit check") + shown(RIGHT) + shown(RIGHT),
            "page.md:9: what is shown here no command has printed",
        ),
        (sh("doit bench"), None),
        (
            sh("doit bench build"),
            "page.md:2: `doit bench build` takes long: it needs a stand-in",
        ),
        ("```python\n# in a.py\nx = 1\n```\n", "page.md:2: there is no a.py"),
        (
            "```python\n# a.py\nx = 1\n```\n```python\n# in a.py\nx = 2\n```\n",
            "page.md:6: a.py does not have these lines:",
        ),
    ],
)
def test_a_fault_is_named_with_its_line(reader: Reader, text: str, said: str | None) -> None:
    if said is None:
        reader.follow(text)
        assert calls(reader) == ["help bench"]
        return
    with pytest.raises(Differs) as found:
        reader.follow(text)
    assert str(found.value).splitlines()[0].rstrip(":") == said.rstrip(":")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\n\n```python\nx = 1\n```\n", "line 4: a python block whose first line names no file"),
        ("```sh\ndoit\n", "line 2: this block does not end"),
    ],
)
def test_a_block_that_says_not_what_it_is_is_a_fault(text: str, said: str) -> None:
    with pytest.raises(Unclear) as found:
        list(steps(text))
    assert str(found.value) == said


def test_files_are_saved_and_added_to(reader: Reader) -> None:
    reader.follow(
        "```python\n# two/a.py\nx = 1\n```\n```python\n# two/a.py, at the end\n\ny\n```\n"
    )
    assert (reader.copy.root / "two/a.py").read_text() == "# two/a.py\nx = 1\n\ny\n"


def test_a_file_of_json_is_saved_without_the_line_that_names_it(reader: Reader) -> None:
    reader.follow('```json\n# a.json\n{"b": 1}\n```\n')
    assert (reader.copy.root / "a.json").read_text() == '{"b": 1}\n'


def test_a_command_in_the_text_runs_again_once_a_file_has_changed(reader: Reader) -> None:
    reader.follow("`doit check`, `doit check`\n\n```python\n# a.py\n```\n\n`doit check`\n")
    assert calls(reader) == ["check", "check"]


def test_a_watch_tells_of_what_is_saved_and_is_ended(reader: Reader) -> None:
    save = "```python\n# saved.py\n```\n"
    told = shown("watch: 1 right (3 s)\n")
    reader.follow(sh("doit watch") + shown("watch: 1 solver\n") + save + told)
    assert reader.watch is None
    assert calls(reader) == ["watch"]
    with pytest.raises(Differs, match="the page shows"):
        reader.follow(sh("doit watch") + shown("watch: 2 solvers\n"))
    assert reader.watch is None


def test_what_differs_from_run_to_run_is_not_compared() -> None:
    printed = (
        "compiling kernels: 20 of 163 , 2/s, 70 s left\n"
        "kernels: done (9 used, 9 compiled in 6.5 s, no GPU: none (is) here)\n"
        "matrix: 4 solvers on 18 samples (cpu, 0.1 s, 9,067 lanes/s)\n"
        "a      1 s\n14 passed, 2 deselected in 5.23s\n"
    )
    lines = [
        "kernels: done (9 used, N compiled in N s)",
        "matrix: 4 solvers on 18 samples (cpu, N s, N lanes/s)",
        "a N s",
        "N passed, N deselected in Ns",
    ]
    assert comparable(printed, loose=False) == lines
    assert comparable("own  139  0  \n", loose=True) == ["own N N"]
    assert comparable("own  139  0  \n", loose=False) == ["own  139  0"]


def test_placeholders_are_filled_in() -> None:
    assert filled("doit show --solver ID --sample N") == "doit show --solver 67a3c6ac --sample 20"
    assert filled("doit matrix --data A,B") == "doit matrix --data arc1-train,arc1-eval"
    assert filled("doit list --ALL PASSES") == "doit list --ALL PASSES"


def test_long_commands_are_known() -> None:
    long = ("doit fuzz", "doit agree --lanes 20000", "doit test", "pip install x && doit test")
    short = ("doit fuzz --programs 50", "doit test tests/primitives -k area", "doit", "python x.py")
    assert [command for command in long if not is_long(command)] == []
    assert [command for command in short if is_long(command)] == []


def test_links_lead_somewhere(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Other\n\n## What it is, and why\n")
    text = "# Page\n\n[a](other.md) [b](other.md#what-it-is-and-why) [c](#page) [d](https://x.y)\n"
    assert broken_links(tmp_path, "page.md", text) == []
    wrong = "\n[a](another.md) [b](other.md#what) [c](#paged)\n"
    assert broken_links(tmp_path, "page.md", wrong) == [
        "page.md:2: nothing is at another.md",
        "page.md:2: nothing is at other.md#what",
        "page.md:2: nothing is at #paged",
    ]


def test_files_that_are_named_are_there(tmp_path: Path) -> None:
    (tmp_path / "dodo.py").touch()
    text = "`dodo.py`, `pipeline/ir`, `saved.py`, `doit x.py` and `batt.py`\n"
    assert missing_files(tmp_path, "page.md", text, {"saved.py"}) == [
        "page.md:1: there is no pipeline/ir"
    ]


def test_options_and_tasks_are_those_that_there_are() -> None:
    tasks = {"check": {"--task", "--limit"}, "show": {"--sample"}, "link": set[str]()}
    text = "`--sample` or `--simple`\n\n| `doit check` | `--limit N`, `--sample K` |\n"
    assert unknown_options("page.md", text, tasks) == [
        "page.md:1: no task has --simple here",
        "page.md:3: no task has --sample here",
    ]
    assert undocumented_tasks(text + "\n`doit link`\n", tasks) == ["link", "show"]


def test_extras_are_those_of_the_project() -> None:
    text = "`pip install -e '.[test]'` or `pip install -e '.[toast]'`"
    assert unknown_extras("page.md", text, {"test"}) == ["page.md: no extra toast"]


SESSION = """\
# Page

```pycon
>>> a = 5
>>> print("one\\ntwo")
one
...
```

And then:

```pycon
>>> a + {}
7
```
"""


def test_a_session_goes_on_over_the_page(reader: Reader) -> None:
    reader.follow(SESSION.replace("{}", "2"))


def test_a_session_that_differs_is_said_with_its_line(reader: Reader) -> None:
    with pytest.raises(Differs) as raised:
        reader.follow(SESSION.replace("{}", "3"))
    assert 'page.session", line 13' in str(raised.value)
    assert "Expected:\n    7\nGot:\n    8" in str(raised.value)
