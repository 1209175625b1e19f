"""The workflow that users copy: it names only what there is, and keeps what builds keep."""

from __future__ import annotations

import re
from typing import Any

import yaml

import dodo
from pipeline.config.config import Config
from tests.project import PROJECT

PATH = PROJECT / "docs" / "github-actions.yml"


def steps() -> list[dict[str, Any]]:
    """What its one job does."""
    jobs = yaml.safe_load(PATH.read_text("utf-8"))["jobs"]
    found: list[dict[str, Any]] = jobs["check"]["steps"]
    return found


def test_its_commands_are_tasks_with_their_options() -> None:
    commands = [step["run"] for step in steps() if "run" in step]
    assert commands[0] == "pip install -c constraints.txt -e ."
    (command,) = commands[1:]
    assert f"\n{command}\n" in (PROJECT / "docs/ci.md").read_text("utf-8")
    doit, task, *words = command.split()
    assert doit == "doit"
    known = {f"--{option['long']}" for option in getattr(dodo, f"task_{task}")()["params"]}
    assert {word for word in words if word.startswith("--")} <= known


def test_it_keeps_the_folder_of_the_cache_by_what_decides_it() -> None:
    (kept,) = (s["with"] for s in steps() if s.get("uses", "").startswith("actions/cache@"))
    assert kept["path"] == Config().cache.dir
    patterns = set(re.findall(r"'([^']+)'", kept["key"]))
    assert len(patterns) == 3
    for pattern in patterns:
        assert any(path.is_file() for path in PROJECT.glob(pattern.replace("/**", "/**/*")))
    ends = [line.strip() for line in kept["restore-keys"].splitlines()]
    assert [kept["key"].startswith(end) for end in ends] == [True, True]
    assert len(ends[0]) > len(ends[1])


def test_what_it_uploads_is_there_whether_all_is_right_or_not() -> None:
    (uploaded,) = (s for s in steps() if s.get("uses", "").startswith("actions/upload-artifact@"))
    assert uploaded["if"] == "always()"
    written = next(step["run"] for step in steps() if "--junit" in step.get("run", ""))
    assert f"--junit {uploaded['with']['path']}/" in written
