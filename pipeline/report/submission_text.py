"""A submission as text: what it scores, what it misses, and everything that is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.battery.attempts import Answers, Score
from pipeline.system.tables import print_table

HEADER = (
    *("data", "tasks", "attempted", "solved", "test inputs", "attempted", "twice"),
    *("right", "right first", "score"),
)
"""`attempted`: with at least one attempt, of tasks and of test inputs; `twice`: with two; `solved`:
tasks with every test input right; `right first`: with the first attempt right."""

MOST_SHOWN = 20


def row(data: str, score: Score) -> tuple[str, ...]:
    """The row of the table."""
    numbers = (
        *(score.tasks, score.attempted, score.solved, score.inputs),
        *(score.inputs_attempted, score.inputs_twice, score.right, score.right_first),
    )
    share = f"{score.share:.1%}" if score.known else "unknown"
    return (data, *(f"{n:,}" for n in numbers), share)


def print_submission(
    data: str, score: Score, answers: Mapping[str, Answers], path: str, tail: str
) -> None:
    """Print the table, the test inputs that are missed with whose answers they have, and one line.

    answers: by task; none where the submission was only read. tail: what the line ends with.
    """
    print_table(HEADER, [row(data, score)])
    for place in score.missed[:MOST_SHOWN]:
        print(f"{place}: {_wrong(place, answers)}")
    if len(score.missed) > MOST_SHOWN:
        print(f"... and {len(score.missed) - MOST_SHOWN:,} more that are wrong")
    print(f"submission: {_summary(data, score)}: {path} {tail}".rstrip())


def _summary(data: str, score: Score) -> str:
    unknown = score.inputs - score.known
    if not score.known:
        attempted = f"{score.inputs_attempted:,} of {unknown:,} test inputs of {data} attempted"
        return f"{attempted}, their answers are not known"
    right = f"{score.right:,} of {score.known:,} test inputs of {data} right ({score.share:.1%})"
    return right + (f", the answers of {unknown:,} more are not known" if unknown else "")


def _wrong(place: str, answers: Mapping[str, Answers]) -> str:
    """Whose attempts at a test input, `TASK test[K]`, are wrong."""
    task, _, number = place.partition(" test[")
    if task not in answers:
        return "wrong"
    attempts = answers[task].inputs[int(number.rstrip("]"))]
    said = [
        attempt.smallest + (f" and {attempt.solvers - 1:,} more" if attempt.solvers > 1 else "")
        for attempt in attempts
    ]
    return f"wrong: {'; '.join(said)}"


def print_faults(path: str, found: Sequence[str], hint: str = "") -> None:
    """Print every fault of a file, and how many there are."""
    for fault in found:
        print(f"{path}: {fault}")
    if hint:
        print(f"note: {hint}")
    count = "1 fault" if len(found) == 1 else f"{len(found):,} faults"
    print(f"submission: {path} is not valid: {count}")
