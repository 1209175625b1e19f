"""The tasks that make no file: inspection, tests, measurements."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from doit.exceptions import BaseFail

from pipeline.commands.build import action, failure
from pipeline.commands.options import ADOPT, PLAIN_STRESS, SHOW
from pipeline.config import paths
from pipeline.incremental import linking
from pipeline.incremental.doit_adapter import among_words
from pipeline.incremental.session import Session

WHOLE_SUITE = ("-n", "auto", "--dist", "worksteal")
"""A few tests take most of the time: a core that has none left takes over others'."""
CHECKERS = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",))
"""What `doit lint` runs, each as `python -m`."""
MEASUREMENTS = ("build", "engine", "problems", "search")
"""What `doit bench` runs: each a module of `bench/`, whose results go to bench/results/."""


@action
def ir(session: Session, solver: str, after: str) -> BaseFail | None:
    """Print the IR of a solver."""
    from pipeline.commands.ir import print_ir

    return _outcome(print_ir(session.context, solver, after))


@action
def fuzz(
    session: Session, programs: int, seed: int, backend: str, jobs: int, language: bool
) -> BaseFail | None:
    """Compare generated code and interpretation on random programs."""
    from pipeline.commands import fuzz as command

    writer = "language" if language else "rows"
    return _outcome(command.fuzz(session.context, programs, seed, backend, jobs, writer))


@action
def agree(
    session: Session,
    lanes: int,
    seed: int,
    jobs: int,
    stress: int,
    scheduler: str,
    scheduler_file: str,
    workers: int,
) -> BaseFail | None:
    """Compare the battery and interpretation, on random lanes or generated samples."""
    from pipeline.cluster.connecting import Where
    from pipeline.commands import agree as command

    where = Where(scheduler, scheduler_file, workers)
    return _outcome(command.agree(session.context, lanes, seed, jobs, stress, where))


@action
def diagnose(
    session: Session, solver: str, task_id: str, corpus: str, generated: str
) -> BaseFail | None:
    """Find out why accuracy is not what one expects, step by step."""
    from pipeline.commands.asked import Chosen
    from pipeline.commands.diagnose import diagnosis

    broken = session.plan.broken_names()
    return _outcome(diagnosis(session.context, Chosen(solver, task_id, corpus), broken, generated))


def submission_needs() -> list[str]:
    """The tasks that come before `submission`: what only looks at a file needs no battery."""
    looks = any(word.startswith("--validate") for word in sys.argv[1:])
    return ["data"] if looks else ["kernels", "data"]


@action
def submission(session: Session, data: str, validate: str, device: str) -> BaseFail | None:
    """Write the submission for a data set from the matrix, or validate one."""
    from pipeline.commands import submission as command
    from pipeline.incremental.keys import data_sets, matrix_key

    name = data or data_sets(session, "")[0]
    if validate:
        return _outcome(command.validate(session.context, name, validate))

    def is_current(sets: tuple[str, ...]) -> bool:
        return linking.is_current(session, "matrix", matrix_key(session, sets))

    return _outcome(command.submit(session.context, name, is_current, device))


@action
def kaggle_bundle(
    session: Session, python: str, cuda: str, capability: str, platform: str, data: str, output: str
) -> BaseFail | None:
    """Write all that a notebook without a network needs."""
    from pipeline.commands.bundle import kaggle_bundle as command

    asked = command.BundleAsked(python, cuda, capability, platform, data, output)
    return _outcome(command.kaggle_bundle(session, asked))


def clean_bundle(dryrun: bool) -> None:
    """Remove the bundle that is written where no other place is asked for."""
    if os.path.isdir(paths.KAGGLE):
        print(f"kaggle_bundle - removing folder '{paths.KAGGLE}'")
        if not dryrun:
            shutil.rmtree(paths.KAGGLE)


@action
def watch(session: Session) -> BaseFail | None:
    """Build and check what is saved, until Ctrl-C."""
    from pipeline.commands import watch as command

    return _outcome(command.watch(session))


@action
def report(session: Session) -> BaseFail | None:
    """Write the HTML report. What solvers get wrong is in it and fails nothing."""
    from pipeline.commands import report as command

    return _outcome(command.report_session(session))


def show_needs() -> list[str]:
    """The tasks that come before `show`: to draw just a task no battery is needed."""
    return ["data"] if "--task" in sys.argv[1:] else ["kernels", "data"]


@action
def show(session: Session, words: list[str], **options: Any) -> BaseFail | None:
    """Draw the samples of solvers and tasks."""
    from pipeline.commands import show as command

    words, options = among_words(SHOW, words, options)
    solver, sample = options["solver"], options["sample"]
    if options["is_task"]:
        words += filter(None, [solver])
        return _outcome(command.show_tasks(session.context, words, sample))
    broken = session.plan.why_broken()
    return _outcome(command.show(session.context, solver, sample, broken, words, options["seed"]))


@action
def todo(session: Session, data: str, limit: int) -> BaseFail | None:
    """List the tasks that no solver has right."""
    from pipeline.commands import todo as command
    from pipeline.incremental.keys import data_sets

    broken = session.plan.broken_names()
    return _outcome(command.todo(session.context, data_sets(session, data), limit, broken))


@action
def new(session: Session, words: list[str]) -> BaseFail | None:
    """Write skeletons of solvers."""
    from pipeline.commands import new as command

    return _outcome(command.new(session.context, words))


@action
def search(session: Session, **options: Any) -> BaseFail | None:
    """Search for programs."""
    from pipeline.cluster.connecting import Where
    from pipeline.commands import search as command
    from pipeline.incremental.keys import data_sets

    data, task = data_sets(session, options.pop("data")), options.pop("task_id")
    where = Where(*(options.pop(name) for name in ("scheduler", "scheduler_file", "workers")))
    asked = command.SearchOptions(data, task, where=where, **options)
    return _outcome(command.search(session.context, asked))


@action
def found(session: Session, task_id: str, run: int, texts: bool) -> BaseFail | None:
    """Show what searches found."""
    from pipeline.commands import found as command

    return _outcome(command.found(session.context, task_id, run, texts))


@action
def adopt(session: Session, words: list[str], **options: Any) -> BaseFail | None:
    """Make solvers of programs that were found."""
    from pipeline.commands import adopt as command

    words, options = among_words(ADOPT, words, options)
    return _outcome(command.adopt(session.context, words, options["into"]))


@action
def why(session: Session, words: list[str]) -> BaseFail | None:
    """Say whether tasks would run, and what changed since they last did."""
    from pipeline.commands import why as command

    return _outcome(command.why(session, words, PLAIN_STRESS))


@action
def stubs(session: Session, output: str) -> BaseFail | None:
    """Write the words of solvers for editors."""
    from pipeline.commands import stubs as command

    return _outcome(command.stubs(Path(output or command.FOLDER)))


@action
def docs(session: Session) -> BaseFail | None:
    """Write the pages and pictures of docs/ that are made from the code."""
    from pipeline.commands import docs as command

    return _outcome(command.write_pages(session.context))


@action
def profile(
    session: Session, repeats: int, sizes: str, against: str, cprofile: bool
) -> BaseFail | None:
    """Measure where the time goes, and compare it with last time's."""
    from pipeline.commands import profile as command

    return _outcome(
        command.profile(session.context, command.ProfileAsked(repeats, sizes, against, cprofile))
    )


@action
def test(session: Session, words: list[str], long: bool) -> BaseFail | None:
    """Run pytest: on all cores, or as the words say; the default part, or what takes long."""
    part = ("-m", "long") if long else ()
    return _outcome(_python("pytest", *part, *(words or WHOLE_SUITE)))


@action
def lint(session: Session) -> BaseFail | None:
    """Run every checker, then say whether all were content."""
    return _outcome(max([_python(*words) for words in CHECKERS]))


@action
def bench(session: Session, names: list[str]) -> BaseFail | None:
    """Run the named measurements, or all of them; each says which of its bars are missed."""
    unknown = sorted(set(names) - set(MEASUREMENTS))
    if unknown:
        return failure(2, f"no measurement {unknown[0]!r}; there are {', '.join(MEASUREMENTS)}")
    return _outcome(max([_python(f"bench.{name}") for name in names or MEASUREMENTS]))


@action
def calibrate(session: Session) -> BaseFail | None:
    """Measure from how many lanes on the GPU wins."""
    from pipeline.commands import calibrate as command

    return _outcome(command.calibrate(session.context))


@action
def gpu_report(session: Session) -> BaseFail | None:
    """Look at the machine's GPUs, and at what runs the battery on them."""
    from pipeline.commands import gpu_report as command

    return _outcome(command.gpu_report(session.context))


@action
def gpu_first(session: Session) -> BaseFail | None:
    """Find out everything about the machine's GPU."""
    from pipeline.commands import gpu_first as command

    return _outcome(command.gpu_first(session.context))


@action
def gpu_carry(session: Session, capabilities: str) -> BaseFail | None:
    """Put together what that needs elsewhere."""
    from pipeline.commands.gpu_carry import gpu_carry as command

    return _outcome(command(session.context, capabilities))


@action
def test_gpu(
    session: Session, lanes: int, programs: int, seed: int, skip_guards: bool
) -> BaseFail | None:
    """Compare the GPU with the CPU and with interpretation."""
    from pipeline.commands import test_gpu as command

    asked = command.GpuTestsAsked(lanes, programs, seed, skip_guards)
    return _outcome(command.run_tests(session.context, asked))


@action
def bench_gpu(session: Session, quick: bool) -> BaseFail | None:
    """Measure the GPU; says which of its bars are missed."""
    return _outcome(_python("bench.cuda", *(["--quick"] if quick else [])))


def _python(*words: str) -> int:
    return subprocess.call([sys.executable, "-m", *words])


def _outcome(status: int | None) -> BaseFail | None:
    return failure(status, f"ended with status {status}") if status else None
