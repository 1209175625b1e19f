"""The command `fuzz`: what it says, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from pipeline.commands import fuzz
from pipeline.config.context import Context
from pipeline.trust.agreement.fuzzing import BACKENDS, CPU, REFERENCE, Backend, FuzzSummary
from pipeline.trust.agreement.runners import TextRunner
from tests.compiled import compiled_kernels
from tests.trust import planted

SEED = 20_000


@pytest.fixture(scope="module", autouse=True)
def _kernels() -> None:
    compiled_kernels()


def run(
    capsys: Any, backends: tuple[Backend, ...], programs: int = 48, jobs: int = 1
) -> tuple[int, str]:
    """The exit status, and all that was said."""
    status = fuzz.run_backends(programs, SEED, backends, jobs)
    return status, capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((100, 0, "gpu", 1), "no backend 'gpu'; there are both, reference, cpu\n"),
        ((0, 0, "both", 1), "--programs and --jobs: at least 1 is needed\n"),
        ((100, 0, "both", 0), "--programs and --jobs: at least 1 is needed\n"),
    ],
)
def test_a_question_without_an_answer_is_refused(capsys: Any, options: Any, said: str) -> None:
    assert fuzz.fuzz(Context.of(), *options) == 2
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_without_mismatch_ends_well(capsys: Any, jobs: int) -> None:
    status, said = run(capsys, BACKENDS, 144, jobs)
    assert status == 0
    lines = said.splitlines()
    assert lines[0].startswith("144 programs in ")
    assert lines[-1] == "0 mismatches"
    assert any(line.split()[:2] == ["cpu", "together"] for line in lines)
    assert any(line.split()[:2] == ["reference", "alone"] for line in lines)


def test_a_backend_can_be_left_out(capsys: Any) -> None:
    assert fuzz.fuzz(Context.of(), 24, SEED, "cpu") == 0
    assert "reference" not in capsys.readouterr().out


def test_a_mismatch_is_told_at_once_and_shrunk_at_the_end(capsys: Any) -> None:
    status, said = run(capsys, (replace(REFERENCE, runner=TextRunner(planted.Misturned)),), 96)
    assert status == 1
    first, *rest = said.splitlines()
    assert first.startswith("MISMATCH in program ")
    assert first.endswith(f"of seed {SEED} on reference, alone")
    assert f"{first}, shrunk:" in rest
    assert rest[-1].endswith(" mismatches")


def test_a_fault_that_ends_the_process_is_found(capsys: Any) -> None:
    status, said = run(capsys, (replace(CPU, runner=planted.Dying(), alone=1000),), 5, 2)
    assert status == 1
    assert f"programs 0 to 4 of seed {SEED} ended their process: SIGSEGV; looking closer" in said
    assert "rot180(" in said
    assert "pipeline.system.apart.Died: SIGSEGV" in said


def test_an_interrupted_run_sums_up(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*what: Any) -> Iterator[FuzzSummary]:
        yield FuzzSummary(programs=96)
        raise KeyboardInterrupt

    monkeypatch.setattr(fuzz, "spread", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fuzz.run_backends(1_000, SEED, BACKENDS, 1)
    assert capsys.readouterr().out.startswith("96 programs in ")
