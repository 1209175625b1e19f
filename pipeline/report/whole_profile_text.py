"""The profile of the whole pipeline as text: phases, what is slowest, growth, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.measuring.changes import Change, ProfilesCompared
from pipeline.measuring.python_costs import FunctionCost
from pipeline.measuring.timings import Measured, Timing, with_powers
from pipeline.system.tables import Row, print_table

MOST_SHOWN = 20
DRIFT_SAID = 0.02
"""From how much on it is said that the machine was faster or slower than then."""
BUSY_SAID = 0.1

_TIMES = ("ms", "least", "most", "share")


def print_whole_profile(found: Measured) -> None:
    """Print what was measured: phases, then what is slowest of each kind, then how it grows."""
    print(_head(found))
    if found.busy >= BUSY_SAID:
        share = f"{100 * found.busy:.0f}%"
        print(f"the machine was busy: {share} of the time went to others, so all took longer")
    print()
    print_table(("phase", *_TIMES), list(_phases(found)))
    if found.compiled is not None:
        first = found.compiled
        print(f"{first.kernels:,} kernels were compiled first, in {first.seconds:,.1f} s")
    _print_operations(found)
    _print_compiling(found)
    _print_running(found)
    _print_scaling(found)


def _head(found: Measured) -> str:
    facts, settings = found.facts.battery, found.facts.settings
    runs = f"medians of {found.facts.repeats} runs" if found.facts.repeats > 1 else "one run"
    threads = "1 thread" if settings["threads"] == 1 else f"{settings['threads']} threads"
    return (
        f"{facts['solvers']:,} solvers of {facts['tasks']:,} tasks, {facts['samples']:,} samples; "
        f"{settings['backend']}, on {settings['device']}, {threads}; {runs}"
    )


def _phases(found: Measured) -> Iterator[Row]:
    whole = found.whole.seconds
    for phase in found.phases:
        yield _times(phase.name, phase, whole)
        if phase.name == "generate":
            yield from (_times(f"  {step.name}", step, whole) for step in found.steps)
    yield _times("unexplained", found.unexplained, whole)
    yield _times("whole", found.whole, whole)


def _times(name: str, timing: Timing, whole: float) -> tuple[str, ...]:
    share = 100 * timing.seconds / whole if whole else 0.0
    return (name, _ms(timing.seconds), _ms(timing.least), _ms(timing.most), f"{share:.1f}%")


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:,.2f}"


def _print_slowest(header: Row, rows: Sequence[Row], rest: float) -> None:
    print()
    print_table(header, rows[:MOST_SHOWN])
    if len(rows) > MOST_SHOWN:
        print(f"... and {len(rows) - MOST_SHOWN:,} more: {_ms(rest)} ms")


def _print_operations(found: Measured) -> None:
    if found.no_operations:
        print(f"\nno times by operation: {found.no_operations}")
        return
    total = sum(row.timing.seconds for row in found.operations)
    rows = [
        (*_times(row.timing.name, row.timing, total), f"{row.calls:,}", f"{row.lanes:,}")
        for row in found.operations
    ]
    print(f"\nkernels in a run of the check: {_ms(total)} ms on one thread of the CPU")
    rest = sum(row.timing.seconds for row in found.operations[MOST_SHOWN:])
    _print_slowest(("operation", *_TIMES, "calls", "lanes"), rows, rest)


def _print_compiling(found: Measured) -> None:
    ordered = sorted(found.solvers, key=lambda s: (-s.compile.seconds, s.name))
    total = sum(row.compile.seconds for row in ordered)
    rows = [
        (
            *_times(row.name, row.compile, total),
            f"{row.step} {100 * row.step_seconds / (row.compile.seconds or 1):.0f}%",
        )
        for row in ordered
    ]
    rest = sum(row.compile.seconds for row in ordered[MOST_SHOWN:])
    _print_slowest(("solver to compile", *_TIMES, "slowest step"), rows, rest)


def _print_running(found: Measured) -> None:
    timed = [row.run for row in found.solvers if row.run is not None]
    if not timed:
        return
    ordered = sorted(timed, key=lambda timing: (-timing.seconds, timing.name))
    total = sum(timing.seconds for timing in ordered)
    rest = sum(timing.seconds for timing in ordered[MOST_SHOWN:])
    rows = [_times(timing.name, timing, total) for timing in ordered]
    _print_slowest(("solver to run", *_TIMES), rows, rest)


def _print_scaling(found: Measured) -> None:
    """Print what each size took, what a task more took since the size before, and the phases."""
    rows = []
    before = None
    for scale, power in with_powers(found.scaling):
        seconds, more = scale.whole.seconds, ""
        if before is not None:
            more = _ms((seconds - before.whole.seconds) / (scale.tasks - before.tasks))
        times = (_ms(seconds), _ms(scale.whole.spread), _ms(seconds / scale.tasks), more)
        rows.append((f"{scale.tasks:,}", *times, "" if power is None else f"{power:.2f}"))
        before = scale
    print()
    print_table(("tasks", "ms", "spread", "ms a task", "ms a task more", "exponent"), rows)
    print()
    names = (phase.name for phase in found.phases)
    phases = [
        (f"{scale.tasks:,}", *(f"{1e3 * phase.seconds:,.1f}" for phase in scale.phases))
        for scale in found.scaling
    ]
    print_table(("tasks, ms", *names), phases)


def print_comparison(found: ProfilesCompared | None) -> None:
    """Print what changed since the profile that it was compared with."""
    if found is None:
        print("\nno earlier profile to compare with")
        return
    print(f"\ncompared with {found.path} of {found.made}, {found.compared:,} timings")
    for text in found.differs:
        print(text)
    if abs(found.drift) >= DRIFT_SAID:
        said = "more" if found.drift > 0 else "less"
        share = f"{100 * abs(found.drift):.0f}%"
        print(f"a fixed piece of work took {share} {said} time: twice as much counts as noise")
    if found.changes is None:
        print("one of the two was measured once only: nobody can tell its changes from noise")
    elif not found.changes:
        print("nothing changed by more than the noise")
    for head, verb, changes in (
        ("slower", "lost", found.slower),
        ("faster", "gained", found.faster),
    ):
        if changes:
            _print_changes((head, "before, ms", "now, ms", f"{verb}, ms", "change"), changes)


def _print_changes(header: Row, changes: Sequence[Change]) -> None:
    rows = [_change(change) for change in changes]
    print()
    print_table(header, rows[:MOST_SHOWN])
    if len(rows) > MOST_SHOWN:
        print(f"... and {len(rows) - MOST_SHOWN:,} more")


def _change(change: Change) -> tuple[str, ...]:
    name = change.name if change.kind == "whole" else f"{change.kind} {change.name}"
    share = f"{100 * change.lost / change.before:+.0f}%" if change.before else "new"
    return (name, _ms(change.before), _ms(change.now), _ms(abs(change.lost)), share)


def print_functions(costs: Sequence[FunctionCost], path: str) -> None:
    """Print the Python functions of code generation that take longest by themselves."""
    total = sum(cost.own for cost in costs)
    print(f"\nPython's profile of generate and link, which it slows down: {path}\n")
    rows = [
        (
            cost.where,
            f"{cost.calls:,}",
            _ms(cost.own),
            f"{100 * cost.own / (total or 1):.1f}%",
            _ms(cost.whole),
        )
        for cost in costs[:MOST_SHOWN]
    ]
    print_table(("function", "calls", "own ms", "share", "with calls"), rows)


def summary(found: Measured, compared: ProfilesCompared | None, path: str, seconds: float) -> str:
    """One line: how long the whole takes, what changed, where it is written."""
    tasks = found.facts.battery["tasks"]
    each = f"{1e3 * found.whole.seconds / tasks:.2f} ms a task"
    text = f"profile: {found.whole.seconds:.2f} s for {tasks:,} tasks, {each}"
    if compared is not None and compared.changes is not None:
        text += f"; {len(compared.slower):,} slower, {len(compared.faster):,} faster"
    return f"{text}: {path} ({seconds:.1f} s)"
