"""What ended workers, once more here: in a process of its own, which it may end."""

from __future__ import annotations

from typing import Any

from pipeline.cluster import serving
from pipeline.cluster.job import ClusterJob, Load, Station, our_version, packed, unpacked
from pipeline.system.free_memory import free_bytes
from pipeline.system.kills import Kills
from pipeline.system.process import Worker


def run_apart(job: ClusterJob, load: Load) -> tuple[Any, int]:
    """The result of a load, or None and the status with which it ends its process. A process that
    somebody else kills has another one do it."""
    kills = Kills()
    while True:
        worker = Worker(serving.serve)
        try:
            place = Station(job.folder, 1, free_bytes())
            _asked(worker, serving.JOB, job.key, our_version(), job.data, place)
            found, _ = _asked(worker, serving.LOAD, job.key, packed(load))
            return unpacked(found), 0
        except EOFError:
            status = worker.end()
            if not kills.came_from_outside(status):
                return None, status
        finally:
            worker.end()


def _asked(worker: Worker, *request: Any) -> Any:
    worker.give(*request)
    return worker.answer()
