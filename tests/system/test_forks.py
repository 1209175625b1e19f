"""A fork waits for locks that a child would find locked for ever."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from pipeline.battery import resident
from pipeline.frontend import constructs
from pipeline.kernels import processor
from pipeline.kernels.processor import Kernels
from pipeline.system.forks import lock_before_forks
from tests.compiled import compiled_kernels

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

OURS = (processor._LOADING, constructs._READING, resident._MAKING)


def forked_while_taken(lock: threading.RLock, inner: threading.RLock | None = None) -> bool:
    """Whether a child gets a lock that another thread has when it is forked."""
    is_taken = threading.Event()

    def take() -> None:
        with lock:
            is_taken.set()
            time.sleep(0.05)
            with inner or lock:
                pass

    thread = threading.Thread(target=take)
    thread.start()
    is_taken.wait()
    child = os.fork()
    if not child:
        os._exit(0 if lock.acquire(timeout=2) else 1)
    thread.join()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("lock", OURS, ids=("loading", "reading", "making"))
def test_a_child_finds_no_lock_of_ours_taken(lock: threading.RLock) -> None:
    assert forked_while_taken(lock)
    with lock:  # the parent's is free, too, and its owner may fork
        assert forked_while_taken(threading.RLock()) is False


def test_a_thread_may_take_one_after_the_other_meanwhile() -> None:
    inner = lock_before_forks()
    outer = lock_before_forks()
    assert forked_while_taken(outer, inner)


def test_a_child_loads_kernels_while_its_parent_does(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = Kernels(Path(compiled_kernels()))
    at_work, lock, real = threading.Event(), threading.Lock(), loaded._engine

    class Slow:
        """LLVM, which is behind a lock, and takes its time."""

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

        def finalize_object(self) -> None:
            assert lock.acquire(timeout=5)
            at_work.set()
            time.sleep(0.05)
            real.finalize_object()
            lock.release()

    monkeypatch.setattr(loaded, "_engine", Slow())
    thread = threading.Thread(target=loaded.load, args=(["hmirror"],))
    thread.start()
    at_work.wait()
    child = os.fork()
    if not child:
        status = 1
        try:
            status = 0 if loaded.load(["vmirror"])["vmirror"] else 2
        finally:
            os._exit(status)
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
