"""What the report says of searches."""

from __future__ import annotations

from dataclasses import replace

from pipeline.report.html import render_html
from pipeline.report.search_section import search_section
from pipeline.search.search_store import FoundProgram, RunState
from tests.report.small_report import RIGHT, TASKS, found

STATE = RunState(3, {"data": ["one", "two"], "seed": 4}, 2, 900, 1.5, 0.0, True)
CURVE = [(300, 0.5, 1), (900, 1.5, 4)]
TEXT = "def solve_candidate(I):\n    x1 = hmirror(I) # <b>\n    return x1\n"
PROGRAM = FoundProgram(7, 3, RIGHT, TEXT, [], 2, "line", "own/parent", {"train": 1}, 300, 0.5)


def test_a_run_has_its_curves_over_programs_and_over_time() -> None:
    section = search_section([(STATE, CURVE)], [], {}, {})
    assert section is not None
    over_programs, over_time = section.curves
    assert over_programs.text == (
        "Search 3, one, two, seed 4: tasks over programs: 4 tasks after 900 programs"
    )
    assert over_programs.points == "20.0,190.0 140.0,146.2 380.0,15.0"
    assert over_time.text.endswith("4 tasks after 2 s")


def test_each_task_has_its_programs_with_grids_and_parents() -> None:
    others = [PROGRAM._replace(id=k, text=f"{TEXT}# {k}\n") for k in range(8, 12)]
    outputs = {(RIGHT, TEXT): [((1, 2), (3, 4)), None]}
    section = search_section([(STATE, CURVE)], [PROGRAM, *others], TASKS, outputs)
    assert section is not None
    (row,) = section.tasks
    assert (row.task, len(row.programs), row.left) == (RIGHT, 3, 2)
    heading, text, parent, drawn = row.programs[0]
    assert (heading, text, parent) == ("program 7, line", TEXT, "own/parent")
    assert "test[0] 2x2" in drawn
    assert "test[1]" in drawn
    assert "train[0] input 2x2" in row.sample


def test_the_page_has_the_section_and_nothing_of_a_program_is_markup() -> None:
    section = search_section([(STATE, CURVE)], [PROGRAM], TASKS, {})
    page = render_html(replace(found(), search=section))
    assert '<section aria-labelledby="search-title" id="search">' in page
    assert "# &lt;b&gt;" in page
    assert "<pre>own/parent</pre>" in page
    assert 'id="search-title"' not in render_html(found())


def test_where_nothing_was_searched_there_is_no_section() -> None:
    assert search_section([], [], TASKS, {}) is None
