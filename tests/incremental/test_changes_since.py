"""Why a task would run: each kind of change is named, and nothing is said of what is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.why import answer, status_of, why
from pipeline.config import paths
from pipeline.incremental import changes_since, linking, session
from pipeline.incremental.ingredients import code_alone, of_check
from pipeline.incremental.session import Session
from pipeline.system.fingerprint import CHECKER, DATA
from tests.programs_text import text_of
from tests.project import PROJECT

CONFIG = "corpora: {own: {path: own}}\ndata: [./mine.json]\nprogram: {max_nodes: 99}\n"
STRESS = 100, 0


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two solvers that are built, linked and checked, and code of its own."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"a": "hmirror(I)", "b": "x = vmirror(I); x"}.items():
        Path("own").mkdir(exist_ok=True)
        Path(f"own/{name}.py").write_text(text_of(text, name * 8))
    Path("config.yaml").write_text(CONFIG)
    Path("mine.json").write_text("{}")
    Path("pipeline/battery").mkdir(parents=True)
    for path in ("ir", "passes", "primitives"):
        Path("pipeline", path).symlink_to(PROJECT / "pipeline" / path)
    Path("pipeline/battery/results.py").write_text("")
    monkeypatch.setattr(session, "PACKAGE", tmp_path / "pipeline")
    monkeypatch.setattr("pipeline.incremental.loading.still_is", lambda *words: True)
    with at_work() as run:
        run.wanted = list(run.plan.pending)
        for name in run.wanted:
            run.generator.build(name)
        linking.link_battery(run)
        linking.learn_files(run, "data", code_alone(run, DATA), [])
        Path(paths.RESULTS).mkdir()
        Path(paths.CHECK).write_text("all right")
        linking.learn_files(run, "check", of_check(run), [paths.CHECK])
    return tmp_path


class at_work:
    """A session that executes tasks; closed at the end."""

    def __enter__(self) -> Session:
        self.run = Session()
        self.run.begin([], ["all", "show"])
        return self.run

    def __exit__(self, *_: Any) -> None:
        self.run.close()


@pytest.fixture
def run() -> Iterator[Session]:
    """The next run, which begins when it is first asked."""
    run = Session()
    yield run
    run.close()


def reasons(run: Session, name: str) -> list[str]:
    """Why a task would run, on one line each; nothing if it would not."""
    found = answer(run, name, STRESS)
    assert found is not None
    assert found.runs == bool(found.reasons)
    return found.reasons


def test_what_is_as_it_was_would_not_run(run: Session, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("generate", "generate:own/aaaaaaaa", "link", "check_batt"):
        assert reasons(run, name) == []
        assert status_of(run, name, STRESS) == ("U", "")
    assert why(run, ["link"], STRESS) == 0
    assert capsys.readouterr().out == (
        "link would not run: what it is made from, and what it wrote, is as it was\n"
    )


def test_a_changed_line_is_shown(run: Session) -> None:
    Path("own/b.py").write_text(text_of("x = rot90(I); x", "b" * 8))
    changed = "own/b.py changed:\n  -    x = vmirror(I)\n  +    x = rot90(I)"
    assert reasons(run, "generate:own/bbbbbbbb") == [changed]
    assert reasons(run, "generate") == [f"own/bbbbbbbb: {changed}"]
    assert status_of(run, "generate", STRESS) == ("R", "own/bbbbbbbb: own/b.py changed")
    assert reasons(run, "link") == ["generate would run first"]
    assert reasons(run, "check_batt") == ["link would run first"]
    assert reasons(run, "generate:own/aaaaaaaa") == []


def test_a_solver_that_moved_or_stands_elsewhere_is_told_so(run: Session) -> None:
    Path("own/b.py").write_text("\n\n" + Path("own/b.py").read_text())
    Path("own/a.py").rename("own/c.py")
    assert reasons(run, "generate:own/bbbbbbbb") == ["own/b.py: it moved from line 1 to line 3"]
    assert reasons(run, "generate:own/aaaaaaaa") == ["it stood in own/a.py, and stands in own/c.py"]


def test_of_a_new_text_only_a_part_is_shown() -> None:
    lines = list(changes_since._differing("", "\n".join("abcdefghijkl")))
    assert lines == [*(f"  +{letter}" for letter in "abcdefgh"), "  and 4 more lines"]


def test_values_are_shown_as_they_were_and_are(run: Session) -> None:
    Path("config.yaml").write_text(CONFIG.replace("99", "98") + "threads: 3\n")
    node = "config.yaml: program.max_nodes: 99 -> 98"
    assert reasons(run, "generate:own/aaaaaaaa") == [node]
    assert reasons(run, "check_batt") == [
        "link would run first",
        "config.yaml: threads: 0 -> 3",
        node,
    ]


def test_a_comment_in_the_configuration_is_no_value(run: Session) -> None:
    Path("config.yaml").write_text(f"# mine\n{CONFIG}")
    assert reasons(run, "link") == []
    assert reasons(run, "check_batt") == [
        "config.yaml changed, but no value in it, or what reads it did"
    ]


def test_code_is_named_by_file(run: Session) -> None:
    assert "battery/results.py" in CHECKER
    Path("pipeline/battery/results.py").write_text("pass")
    Path("pipeline/ir").unlink()
    Path("pipeline/ir").mkdir()
    Path("pipeline/ir/types.py").write_text("pass")
    gone = [f"pipeline/ir/{p.name}" for p in sorted(PROJECT.glob("pipeline/ir/*.py"))]
    gone.remove("pipeline/ir/types.py")
    found = ["pipeline/ir/types.py changed", *(f"{path} is gone" for path in gone)]
    told = [*found[: changes_since.FEW], f"and {len(found) - changes_since.FEW} more like that"]
    assert reasons(run, "generate:own/aaaaaaaa") == told
    assert "pipeline/battery/results.py changed" in reasons(run, "check_batt")


@pytest.mark.parametrize(("text", "said"), [(None, "is missing"), ("", "was altered")])
def test_what_was_written_is_looked_at(run: Session, text: str | None, said: str) -> None:
    for path in (paths.code_path("own/aaaaaaaa"), paths.BATTERY, paths.CHECK):
        Path(path).unlink()
        if text is not None:
            Path(path).write_text(text)
    assert reasons(run, "generate:own/aaaaaaaa") == [f"{paths.code_path('own/aaaaaaaa')} {said}"]
    assert reasons(run, "link") == ["generate would run first", f"{paths.BATTERY} {said}"]
    assert reasons(run, "check_batt") == ["link would run first", f"{paths.CHECK} {said}"]


def test_the_user_s_own_data_are_named(run: Session) -> None:
    Path("mine.json").write_text("[]")
    assert reasons(run, "check_batt") == ["mine.json changed"]


def test_a_solver_less_is_named(run: Session) -> None:
    Path("own/b.py").unlink()
    assert reasons(run, "generate") == ["own/bbbbbbbb: it is no more"]
    with at_work() as work:
        assert work.plan.gone
        assert reasons(work, "link") == ["generate would run first"]
    with at_work() as work:
        assert reasons(work, "link") == ["the code of solver own/bbbbbbbb is gone"]


def test_broken_ones_and_doubles_are_told(run: Session) -> None:
    Path("own/a.py").write_text(text_of("nonsense(I)", "a" * 8))
    Path("own/c.py").write_text(text_of("I", "b" * 8))
    with at_work() as work:
        work.wanted = ["own/aaaaaaaa"]
        work.generator.build("own/aaaaaaaa")
    for name, said in {
        "aaaaaaaa": "it is broken, and nothing of it changed",
        "bbbbbbbb": "it is defined twice: neither is built",
    }.items():
        assert answer(run, f"generate:own/{name}", STRESS) == (False, [said])


def test_what_never_ran_and_what_always_runs(
    run: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    with at_work() as work:
        work.records.save_fact("check", None)
    assert status_of(run, "check_batt", STRESS)[0] == "R"
    assert reasons(run, "check_batt") == [
        "it has not found all right yet: until then it runs every time"
    ]
    assert reasons(run, "stress") == ["it never ran"]
    assert reasons(run, "show") == ["it runs whenever it is asked for"]
    assert status_of(run, "show", STRESS) == ("R", "")
    with at_work() as work:
        assert why(work, ["shwo"], STRESS) == 2
        assert why(work, ["generate:own/aaaaaaa"], STRESS) == 2
    assert capsys.readouterr().err == (
        "no task 'shwo'; did you mean show?\nno solver 'own/aaaaaaa'; did you mean own/aaaaaaaa?\n"
    )


def test_a_solver_is_named_as_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    with at_work() as work:
        assert why(work, ["aaaa", "own/bbbbbbbb", "show"], STRESS) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.partition(" would")[0] for line in said] == [
        *("generate:own/aaaaaaaa", "generate:own/bbbbbbbb", "show"),
    ]


def test_records_without_the_parts_still_answer(run: Session) -> None:
    with at_work() as work:
        fact = work.facts["link"]
        work.records.save_fact("link", {"key": "older", "files": fact["files"]})
        work.records._connection.execute("delete from texts")
        work.records._connection.execute("delete from details")
    Path("own/b.py").write_text(text_of("x = rot90(I); x", "b" * 8))
    Path("config.yaml").write_text(CONFIG.replace("99", "98"))
    assert reasons(run, "generate:own/bbbbbbbb") == ["own/b.py changed", changes_since.UNSAID]


def test_details_that_no_record_has_any_more_are_forgotten() -> None:
    def kept() -> int:
        with at_work() as work:
            return int(
                work.records._connection.execute("select count(*) from details").fetchone()[0]
            )

    before = kept()
    for text in "xyz":
        Path("mine.json").write_text(text)
        with at_work() as work:
            linking.learn_files(work, "check", of_check(work), [paths.CHECK])
    assert kept() == before
