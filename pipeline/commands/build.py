"""What the tasks of `dodo.py` call: one function a task, each a thin layer over the session.

Functions that doit calls never raise for what a user can cause: they print and fail the task.
"""

from __future__ import annotations

import functools
import gc
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from doit import create_after
from doit.exceptions import BaseFail, InvalidTask, TaskError, TaskFailed

from pipeline.config.paths import (
    CHECK,
    MAP,
    MATRIX,
    MATRIX_FACTS,
    SOLVERS,
    STRESS,
    code_path,
    map_path,
)
from pipeline.incremental import linking, outputs
from pipeline.incremental.doit_adapter import forget_with, target_in
from pipeline.incremental.ingredients import code_alone, of_check, of_kernels
from pipeline.incremental.session import Session, leave_with
from pipeline.system.fingerprint import CORPORA, DATA
from pipeline.system.problem import told

QUIET = {"capture": False}
"""doit captures output by swapping `sys.stdout`, which its threads can't share."""


def collect_no_garbage_yet() -> None:
    """Look at what there is to do without the garbage collector; the first action turns it on.

    doit and the plan make many objects that live to the end: going through them again and again
    was 0.15 of the time that `import doit` takes at 400 solvers, a sixth of the null build at
    20,000.
    """
    gc.disable()
    gc.freeze()


def action(function: Callable[..., Any]) -> Callable[..., Any]:
    """An action: expected failures become one line and a failed task."""

    @functools.wraps(function)
    def wrapped(session: Session, *args: Any, **options: Any) -> Any:
        gc.enable()
        if not session.running:  # it is our reporter that begins and ends the session
            return TaskError("this build keeps its records with its own reporter: leave out -r")
        try:
            return function(session, *args, **options)
        except Exception as error:
            known = told(error)
            if known is None:
                raise
            text, status = known
            return failure(status, text)

    return wrapped


def failure(status: int, text: str) -> BaseFail:
    """What makes doit end with this status: 1, or 2 where the command was none."""
    return TaskError(text) if status == 2 else TaskFailed(text)


def question(function: Callable[..., Any]) -> Callable[..., Any]:
    """What doit asks outside of tasks: expected failures end the run, with status 1 or 2."""

    @functools.wraps(function)
    def wrapped(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except Exception as error:
            known = told(error)
            if known is None:
                raise
            raise leave_with(*known) from None

    return wrapped


def after_corpora(creator: Callable[..., Any]) -> Callable[..., Any]:
    """Make the solvers' tasks once the corpora are there, and once it is known what to run.

    doit matches patterns (`doit 'generate:own/*'`) only against tasks that it has from the start.
    """
    if any("*" in word for word in sys.argv[1:]):
        return creator
    made: Callable[..., Any] = create_after("corpora", f"{SOLVERS}/.*")(creator)
    return made


@question
def solver_tasks(session: Session) -> list[dict[str, Any]]:
    """A subtask for each solver that needs work or is named; all of them if doit only looks."""
    _adopt(session)
    plan = session.plan
    named = list(_selected(session))
    chosen = [*plan.pending, *named]
    if not session.running or session.insisted:
        chosen = list(plan.units)
    if session.running and chosen:
        session.wanted = list(dict.fromkeys(named if _only_named(session) else chosen))
        session.generator  # noqa: B018  made here, before doit's threads all want it at once
    group = {"name": None, "doc": _doc(), "clean": [(clean_solvers, [session])]}
    return [group, *(_solver_task(session, name) for name in dict.fromkeys(chosen))]


def _doc() -> str:
    return "compile each solver to generated/solvers/CORPUS/ID.py"


def _solver_task(session: Session, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "actions": [(generate, (session, name))],
        "uptodate": [(is_generated, (session, name))],
        "targets": _targets(session, name),
        "clean": True,
        "io": QUIET,
        "meta": {"source": session.plan.units[name].key[1]},
    }


def _targets(session: Session, name: str) -> list[str]:
    """The files of a solver; a broken one has none, and must not be asked for them."""
    row = session.plan.current.get(name)
    if row is not None and row.problems is not None:
        return []
    return [code_path(name), map_path(name)]


def _selected(session: Session) -> Iterator[str]:
    """The solvers named on the command line, as tasks or as files."""
    for word in session.selected:
        task, _, name = word.partition(":")
        if task == "generate" and name:
            if name not in session.plan.units:
                raise InvalidTask(f"no solver {name}: `doit list --all generate` names them")
            yield name
        elif path := target_in(word).removeprefix(f"{SOLVERS}/"):
            name = path.removesuffix(MAP).removesuffix(".py")
            if name in session.plan.units:
                yield name


def _only_named(session: Session) -> bool:
    """Whether the command line asks for single solvers and nothing else."""
    single = ("generate:", f"{SOLVERS}/")
    words = [target_in(word) or word for word in session.selected]
    return bool(words) and all(word.startswith(single) for word in words)


@question
def is_generated(session: Session, name: str) -> bool:
    """Whether a solver needs no work."""
    return name in session.plan.current


@action
def generate(session: Session, name: str) -> None:
    """Build one solver. A broken one is no failed task: the others are built and linked."""
    session.generator.build(name)


@question
def is_linked(session: Session) -> bool:
    """Whether the battery needs no work."""
    return linking.is_linked(session)


@action
def link(session: Session) -> None:
    """Link the battery."""
    linking.link_battery(session)


@question
def has_corpora(session: Session) -> bool:
    """Whether the corpora that are not in the repository are there."""
    return not session.settings.builtin or _made(session, "corpora", CORPORA)


@action
def corpora(session: Session) -> None:
    """Fetch them. To be here although they are there means that the user insists (`doit -a`)."""
    session.insisted = has_corpora(session)
    if not session.settings.builtin:
        return
    from pipeline.data.corpora import extract_corpus
    from pipeline.system.progress import working

    with working("fetching the published verifiers"):
        path = extract_corpus(Path(session.settings.cache))
    linking.learn_files(session, "corpora", code_alone(session, CORPORA), [path.as_posix()])


@question
def has_data(session: Session) -> bool:
    """Whether the ARC tasks are there."""
    return _made(session, "data", DATA)


@action
def data(session: Session) -> None:
    """Fetch and unpack the ARC tasks."""
    from pipeline.data.arc import extract_data
    from pipeline.system.progress import working

    with working("fetching the ARC tasks"):
        paths = [path.as_posix() for path in extract_data(Path(session.settings.cache))]
    linking.learn_files(session, "data", code_alone(session, DATA), paths)


def _made(session: Session, name: str, parts: tuple[str, ...]) -> bool:
    return linking.is_current(session, name, code_alone(session, parts).key)


@question
def is_checked(task: Any, session: Session) -> bool:
    """Whether the whole check was right with the present battery, data, settings and code."""
    fact = session.facts.get("check")
    if any((task.options or {}).values()) or fact is None:
        return False
    return linking.is_current(session, "check", of_check(session).key)


@action
def check_batt(
    session: Session,
    solver: str,
    task_id: str,
    corpus: str,
    limit: int,
    backend: str,
    device: str,
    profile: bool,
    scores: str,
    junit: str,
    annotations: bool,
) -> BaseFail | None:
    """Run the check; only a whole one that found nothing wrong is up to date next time."""
    from pipeline.battery.score_files import formats_in
    from pipeline.commands.asked import Chosen
    from pipeline.commands.check_batt import check
    from pipeline.commands.verdict_files import VerdictFiles

    verdicts = VerdictFiles.asked(junit, annotations, lambda: session.plan)
    formats = formats_in(scores)
    whole = not (solver or task_id or corpus or limit or backend or device)
    if whole:
        session.learn("check", None)
    broken = session.plan.broken_names()
    chosen = Chosen(solver, task_id, corpus, limit)
    most = session.most_shown
    status = check(
        *(session.context, chosen, broken, backend, profile, device, most, formats, verdicts),
        kept=session.places,
    )
    if status:
        return failure(status, "")
    if whole:
        linking.learn_files(session, "check", of_check(session), [CHECK])
    return None


@question
def is_matrix_made(task: Any, session: Session) -> bool:
    """Whether the matrix of these data sets is there, and what it was made from is the same."""
    from pipeline.incremental.keys import data_sets, matrix_key

    options = task.options or {}
    if options.get("limit_samples") or options.get("restart"):
        return False
    key = matrix_key(session, data_sets(session, options.get("data", "")))
    return not options.get("scores") and linking.is_current(session, "matrix", key)


@action
def matrix(
    session: Session,
    data: str,
    limit_samples: int,
    restart: bool,
    device: str,
    scores: str,
    scheduler: str,
    scheduler_file: str,
    workers: int,
) -> BaseFail | None:
    """Run every solver on every sample. What is done is forgotten only once it is recorded."""
    from pipeline.battery.score_files import formats_in
    from pipeline.cluster.connecting import Where
    from pipeline.commands import matrix as command
    from pipeline.incremental.keys import data_sets, of_matrix

    names, formats = data_sets(session, data), formats_in(scores)
    made = of_matrix(session, names, limit_samples)
    key = made.key
    asked = (
        names,
        limit_samples,
        restart,
        device,
        formats,
        Where(scheduler, scheduler_file, workers),
    )
    status = command.matrix(session.context, key, *asked)
    if status:
        return failure(status, "there is no matrix")
    if not limit_samples:
        linking.learn_files(session, "matrix", made, [MATRIX, MATRIX_FACTS])
    command.forget_partial(session.context, key, formats)
    return None


_NARROW_OR_MORE = ("solver", "task_id", "corpus", "scores", "junit", "annotations")
"""Options of stress that ask for less, or for files that are not kept."""


@question
def is_stressed(task: Any, session: Session) -> bool:
    """Whether the results on this many samples are there, and of the present battery and code."""
    from pipeline.incremental.keys import of_stress

    options = task.options or {}
    if any(options.get(name) for name in _NARROW_OR_MORE):
        return False
    key = of_stress(session, options.get("samples", 0), options.get("seed", 0)).key
    return linking.is_current(session, "stress", key)


@action
def stress(
    session: Session,
    samples: int,
    seed: int,
    solver: str,
    task_id: str,
    corpus: str,
    device: str,
    scores: str,
    scheduler: str,
    scheduler_file: str,
    workers: int,
    junit: str,
    annotations: bool,
) -> BaseFail | None:
    """Run the solvers on generated samples. What they get wrong fails nothing: it is a finding."""
    from pipeline.battery.score_files import formats_in
    from pipeline.cluster.connecting import Where
    from pipeline.commands import stress as command
    from pipeline.commands.asked import Chosen
    from pipeline.commands.verdict_files import VerdictFiles
    from pipeline.incremental.keys import of_stress

    verdicts = VerdictFiles.asked(junit, annotations, lambda: session.plan)
    chosen, formats = Chosen(solver, task_id, corpus), formats_in(scores)
    where = Where(scheduler, scheduler_file, workers)
    made = of_stress(session, samples, seed)
    key = made.key
    given = device, formats, verdicts, where, key
    status = command.stress(session.context, chosen, samples, seed, *given)
    if status:
        return failure(status, "not all is run")
    if not (solver or task_id or corpus):
        linking.learn_files(session, "stress", made, [STRESS])
    command.forget_partial(session.context, key, formats)
    return None


@question
def has_kernels(session: Session) -> bool:
    """Whether the kernels of the battery are compiled."""
    if "kernels" not in session.facts or not linking.is_linked(session):
        return False
    return linking.is_current(session, "kernels", of_kernels(session).key)


@action
def kernels(session: Session) -> None:
    """Compile the kernels of the battery that are not compiled yet."""
    from pipeline.battery.opening import compile_battery

    paths, said, no_gpu = compile_battery(session.context)
    known = (session.facts.get("gpu") or {}).get("none", "")
    session.said["kernels"] = f"{said}, no GPU: {no_gpu}" if no_gpu and no_gpu != known else said
    session.learn("gpu", {"none": no_gpu})
    linking.learn_files(session, "kernels", of_kernels(session), paths)


def clean_solvers(session: Session, dryrun: bool) -> None:
    """Remove what was generated for all solvers; the cache gives it back."""
    session.edit()
    session.hold()
    print(f"generate - removing the files of solvers in '{SOLVERS}'")
    if not dryrun:
        outputs.remove_all()


def clean_written(session: Session, dryrun: bool) -> None:
    """Remove what any task has written below `generated/`, whether it is a default task or not."""
    session.edit()
    session.hold()
    for path in outputs.written():
        print(f"all - removing file '{path}'")
        if not dryrun:
            outputs.remove_files([path])


def _adopt(session: Session) -> None:
    """Make `doit forget` reach our records: doit's own store is empty."""
    if not session.running:
        forget_with(functools.partial(_forget, session))


def _forget(session: Session, task: str) -> None:
    """Forget what is recorded about a task; all tasks if it is empty."""
    if not session.running:
        session.edit()
    base, _, name = task.partition(":")
    if base in ("generate", ""):
        names = [name] if name else list(session.records.units())
        session.records.save_units([], names)
    facts = {
        "": ["link", "check", "corpora", "data", "gpu", "kernels", "matrix", "stress"],
        "kernels": ["gpu", "kernels"],
        "check_batt": ["check"],
    }
    for fact in facts.get(base, [base]):
        session.records.save_fact(fact, None)
