"""Programs for a battery in memory that is elsewhere: loads of texts, and how they end as arrays.

What a program costs is mostly making it ready, which takes no sample: so a load is programs, on all
samples, and each program is read by one worker only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from pipeline.battery.arguments import Given
from pipeline.battery.compiling import compile_apart
from pipeline.battery.gathering import Explain, ScoreTable
from pipeline.battery.scores import Scores
from pipeline.config.config import Config
from pipeline.data.given import GivenSample
from pipeline.diagnostics import Diagnostic
from pipeline.system.problem import Problem
from pipeline.system.process import ended

LEAST: Final = 64
"""Programs of a load at least: a fifth of a second."""


@dataclass(frozen=True, slots=True)
class ProgramLoad:
    """Programs by their places, with their names; wanted: see `Battery.evaluate`. samples: how many
    there are."""

    places: tuple[int, ...]
    programs: tuple[tuple[str, Given], ...]
    wanted: tuple[tuple[int, ...], ...] | None
    samples: int

    @property
    def lanes(self) -> int:
        """How many there are, as if all were wanted."""
        return max(1, self.samples) * len(self.programs)

    def parts(self) -> list[ProgramLoad]:
        """The same in two loads; none where it is one program."""
        middle = len(self.programs) // 2
        return [self._part(s) for s in (slice(middle), slice(middle, None))] if middle else []

    def _part(self, part: slice) -> ProgramLoad:
        wanted = None if self.wanted is None else self.wanted[part]
        return ProgramLoad(self.places[part], self.programs[part], wanted, self.samples)


class ProgramSupply:
    """Loads of programs, in their order."""

    def __init__(
        self,
        programs: Sequence[tuple[str, Given]],
        wanted: Sequence[Sequence[int]] | None,
        samples: int,
    ) -> None:
        self._programs = programs
        self._wanted = wanted
        self._samples = samples
        self._at = 0

    def next(self, lanes: int) -> ProgramLoad | None:
        """See `supply.Supply`."""
        begin = self._at
        end = self._at = min(len(self._programs), begin + -(-lanes // max(1, self._samples)))
        if begin == end:
            return None
        wanted = None
        if self._wanted is not None:
            wanted = tuple(tuple(places) for places in self._wanted[begin:end])
        places = tuple(range(begin, end))
        return ProgramLoad(places, tuple(self._programs[begin:end]), wanted, self._samples)


class EndsProcess(Problem):
    """A program that ends whatever process runs it."""

    def __init__(self, name: str, how: str) -> None:
        super().__init__(f"{name} ends the process that runs it, {how}: leave it out, and tell us")


class Away:
    """The workers of a client, for programs. start: makes what evaluates them there: see
    `cluster.job.ClusterJob`."""

    def __init__(self, client: Any, config: Config, start: Callable[..., Any]) -> None:
        from pipeline.cluster.connecting import NoCluster, require_no_rows, tell
        from pipeline.cluster.pool import WorkerPool

        require_no_rows(config)
        if config.libraries:
            text = "workers do not have libraries (libraries in config.yaml)"
            raise NoCluster(f"{text}: run without a client")

        cluster = config.cluster
        self.config = config
        self._pool = WorkerPool(client, cluster.patience, cluster.pending, tell)
        self._start = start

    def evaluate(
        self,
        samples: Sequence[GivenSample],
        kernels: Path,
        programs: Sequence[tuple[str, Given]],
        wanted: Sequence[Sequence[int]] | None,
        explanation: Callable[[Given, str, int], tuple[Diagnostic, ...]],
    ) -> Scores:
        """How named programs end: see `Battery.evaluate`."""
        from pipeline.cluster.job import FailedLoad

        table = ScoreTable(len(programs), samples)
        explain: dict[int, Explain] = {}
        supply = ProgramSupply(programs, wanted, len(samples))
        job = self._job(samples, kernels)
        with closing(self._pool.run(job, supply)) as found:
            for load, rows in ((done.load, done.result) for done in found):
                if isinstance(rows, FailedLoad):
                    rows = _once_more(job, load)
                table.put_rows(load.places, rows)
                for k in rows.broken:
                    name, text = load.programs[k]
                    most = self.config.program.max_nodes
                    explain[load.places[k]] = partial(explanation, text, name, most)
        return table.scores(tuple([name for name, _ in programs]), explain)

    def _job(self, samples: Sequence[GivenSample], kernels: Path) -> Any:
        """All kernels are compiled first: nobody knows yet which programs will come."""
        from pipeline.cluster.job import ClusterJob
        from pipeline.kernels.names import all_names
        from pipeline.kernels.shared_kernels import shared_in

        least = LEAST * max(1, len(samples))
        return ClusterJob(
            *(self._start, (samples, self.config), tuple(all_names()), kernels),
            *(self.config.memory_mib, least, max(least, ClusterJob.most), shared_in(self.config)),
        )


def _once_more(job: Any, load: ProgramLoad) -> Any:
    """The rows of a program that ended workers, from here; EndsProcess where it is to blame."""
    from pipeline.cluster.once_more import run_apart

    compile_apart(job.folder, job.kernels)
    rows, status = run_apart(job, load)
    if rows is None:
        raise EndsProcess(load.programs[0][0], ended(status))
    return rows
