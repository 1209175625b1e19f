"""A battery in memory that is interrupted, forked, or used by several threads."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from pipeline.battery.resident import Battery, evaluate
from pipeline.battery.scores import Scores
from tests.battery.test_resident_meaning import assert_same
from tests.in_memory import TINY, config_of, drawn, grid_pairs
from tests.project import PROJECT

INTERRUPTED = """\
import os, random, signal, sys, threading, time
from pipeline.battery.resident import Battery
from tests.in_memory import TINY, config_of, drawn, grid_pairs

texts, source = drawn(150), random.Random(5)
battery = Battery(grid_pairs(4), config=config_of(int(sys.argv[1])), room=TINY)
battery.add(texts)
begin = time.perf_counter()
before = battery.evaluate()
taken = time.perf_counter() - begin

def interrupt():
    time.sleep(source.random() * taken)
    os.kill(os.getpid(), signal.SIGINT)

stopped = 0
for turn in range(12):
    thread = threading.Thread(target=interrupt)
    try:
        thread.start()
        battery.evaluate()
        thread.join()
        time.sleep(5)  # what comes in a destructor Python only prints
    except KeyboardInterrupt:
        stopped += 1
    thread.join()
    again = battery.evaluate()
    assert (again.codes == before.codes).all() and (again.value_hash == before.value_hash).all()
print("stopped", stopped)
"""


@pytest.mark.parametrize("threads", [1, 3])
def test_after_an_interruption_it_is_as_usable_as_before(threads: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(threads)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("stopped ")
    assert int(done.stdout.split()[1]) >= 6


def test_an_error_in_the_middle_leaves_nothing_half_made(monkeypatch: pytest.MonkeyPatch) -> None:
    with Battery(grid_pairs(3), config=config_of(2)) as battery:
        before = battery.evaluate(drawn(60))
        for name in ("_lower", "_engine_for", "_run"):
            calls = 0
            real = getattr(Battery, name)

            def failing(*given: object, real: Callable[..., object] = real) -> object:
                nonlocal calls
                calls += 1
                found = real(*given)
                if calls == 1:
                    raise RuntimeError("in the middle")
                return found

            with monkeypatch.context() as patch:
                patch.setattr(Battery, name, failing)
                with pytest.raises(RuntimeError, match="in the middle"):
                    battery.evaluate(drawn(60))
            assert_same(battery.evaluate(drawn(60)), before)


def in_child(work: Callable[[], bool]) -> int:
    """The exit status of a forked process that does this: 0 where it says yes."""
    child = os.fork()
    if not child:
        signal.alarm(60)  # a child that waits for a lock that nobody has is ended
        status = 1
        try:
            status = 0 if work() else 2
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def same(a: Scores, b: Scores) -> bool:
    """Whether two scores are the same."""
    return bool((a.codes == b.codes).all() and (a.value_hash == b.value_hash).all())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_uses_it_while_its_parent_goes_on() -> None:
    texts, new = drawn(60), drawn(90)[60:]
    expected = evaluate(new, grid_pairs(3), config=config_of())
    with Battery(grid_pairs(3), config=config_of(2)) as battery:
        before = battery.evaluate(texts)
        battery.add(texts)
        assert in_child(lambda: same(battery.evaluate(), before)) == 0
        assert in_child(lambda: same(battery.evaluate(new), expected)) == 0
        assert_same(battery.evaluate(new), expected)
        assert_same(battery.evaluate(), before)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_process_forked_while_another_thread_evaluates_uses_it() -> None:
    texts = drawn(120)
    with Battery(grid_pairs(3), config=config_of(2), room=TINY) as battery:
        before = battery.evaluate(texts)
        stop = threading.Event()

        def work() -> None:
            while not stop.is_set():
                battery.evaluate(texts)

        thread = threading.Thread(target=work)
        thread.start()
        statuses = []
        for _ in range(4):
            while not battery._is_running:
                time.sleep(0.001)
            statuses.append(in_child(lambda: same(battery.evaluate(texts), before)))
        stop.set()
        thread.join()
    assert statuses == [0] * 4


def test_threads_take_turns() -> None:
    texts = [drawn(40), drawn(80)[40:], drawn(110)[80:]]
    expected = [evaluate(some, grid_pairs(3), config=config_of()) for some in texts]
    with (
        Battery(grid_pairs(3), config=config_of(2), room=TINY) as shared,
        Battery(grid_pairs(3), config=config_of(1), room=TINY) as other,
    ):
        found: dict[int, list[Scores]] = {k: [] for k in range(6)}

        def work(k: int) -> None:
            for _ in range(4):
                found[k].append((shared if k % 2 else other).evaluate(texts[k // 2]))

        threads = [threading.Thread(target=work, args=(k,)) for k in found]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for k, several in found.items():
        assert len(several) == 4
        for scores in several:
            assert_same(scores, expected[k // 2])


def test_collection_is_on_again_after_all() -> None:

    with Battery(grid_pairs(2), config=config_of()) as battery:
        battery.evaluate(drawn(20))
        assert gc.isenabled()
        gc.disable()
        try:
            battery.evaluate(drawn(20))
            assert not gc.isenabled()
        finally:
            gc.enable()
