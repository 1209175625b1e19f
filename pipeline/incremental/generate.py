"""Build solvers: from the cache, or by compiling; write what changed; record it.

The record is that of the text that was compiled, and is committed when both files of a solver are
in place. A build killed in between leaves files whose stamps no record has, which the next run
looks into.

A task builds its own solver and the next few that nobody has begun; their tasks then find them up
to date. Handing each solver of 400 to doit's threads and back took 0.4 s, by sixteens 0.03 s.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from pipeline.config import paths
from pipeline.incremental import outputs
from pipeline.incremental.compilers import Compilers
from pipeline.incremental.plan import Plan
from pipeline.incremental.problems import INTERNAL, dump_problems
from pipeline.incremental.sources import dump_unit
from pipeline.system.cache import Objects
from pipeline.system.records import Records, UnitRow
from pipeline.system.stamp import digest

if TYPE_CHECKING:
    from pipeline.codegen.compile import Compiled

FEW = 5
"""As many solvers are built one by one, and named."""
TOGETHER = 16


class Generator:
    """Builds solvers, the `wanted` ones several at a time; `counts` says what it did, `graphs` has
    those of the solvers that it compiled.

    `insisted` says to compile what needs no work or is in the cache, too (`doit -a`). `check`
    raises where what was just compiled is not to be kept.
    """

    def __init__(
        self,
        plan: Plan,
        records: Records,
        objects: Objects,
        compilers: Compilers,
        wanted: Iterable[str],
        insisted: bool = False,
        check: Callable[[], None] | None = None,
    ) -> None:
        self._plan = plan
        self._records = records
        self._objects = objects
        self.compilers = compilers
        self.counts: Counter[str] = Counter()
        self.graphs: dict[str, str] = {}
        self._insisted = insisted
        self._check = check
        self._waiting = dict.fromkeys(wanted)
        self._together = TOGETHER if len(self._waiting) > FEW else 1
        self._begun: set[str] = set()
        self._done: set[str] = set()
        self._changed = threading.Condition()

    def build(self, name: str) -> None:
        """Bring a solver's outputs and record up to date, and some others'.

        Where another thread has begun it, others come first, and then the end of that one. An
        error counts only for the solver itself; the others' own tasks will meet theirs.
        """
        mine = self._claim(name)
        try:
            for done in self._build_all(mine):
                mine.remove(done)
                self._release(done)
        except Exception:
            if mine[0] == name:
                raise
        finally:
            self._release(*mine, failed=True)
        with self._changed:
            self._changed.wait_for(lambda: name not in self._begun)
        if name not in self._done:
            self.build(name)

    def _claim(self, name: str) -> list[str]:
        """This solver, if nobody has begun it, and the next ones."""
        with self._changed:
            mine = [] if name in self._begun | self._done else [name]
            for other in self._waiting:
                if len(mine) >= self._together:
                    break
                if other != name:
                    mine.append(other)
            for claimed in mine:
                self._waiting.pop(claimed, None)
            self._begun.update(mine)
        return mine

    def _release(self, *names: str, failed: bool = False) -> None:
        with self._changed:
            self._begun.difference_update(names)
            if not failed:
                self._done.update(names)
            self._changed.notify_all()

    def _build_all(self, names: list[str]) -> Iterator[str]:
        """Build solvers; yields each when it is done, in the order given."""
        plan = self._plan
        keys = {name: plan.cache_key(name) for name in names}
        stored = {name: self._stored(name, keys[name]) for name in names}
        missing = [name for name in names if stored[name] is None]
        compiled = self.compilers.compile_all([plan.unit(name) for name in missing])
        for name in list(names):
            texts = stored[name]
            if texts is not None:
                row = self._write(name, *texts)
                self.counts["cached"] += 1
            else:
                made = next(compiled)
                if self._check is not None:
                    self._check()
                row = self._keep(name, keys[name], made)
            plan.current[name] = row
            plan.pending.pop(name, None)
            yield name

    def _stored(self, name: str, key: str) -> tuple[str, ...] | None:
        if self._insisted or name not in self._plan.pending:
            return None
        return self._objects.get(key)

    def _keep(self, name: str, key: str, compiled: Compiled) -> UnitRow:
        if compiled.code is not None:
            self._objects.put(key, (compiled.code, compiled.source_map))
            row = self._write(name, compiled.code, compiled.source_map)
            self._objects.put(self._plan.graph_key(row.code), (compiled.graph,))
            self.graphs[name] = compiled.graph
            self.counts["generated"] += 1
            return row
        outputs.remove_outputs(name)
        problems = dump_problems(compiled.diagnostics)
        row = self._row(name)._replace(problems=problems)
        if all(problem.code != INTERNAL for problem in compiled.diagnostics):
            self._save(row)  # but our own failures are tried again every time
        return row

    def _write(self, name: str, code: str, source_map: str) -> UnitRow:
        texts = code.encode(), source_map.encode()
        files = paths.code_path(name), paths.map_path(name)
        code_stamp, map_stamp = map(outputs.write_output, files, texts)
        row = self._row(name, (digest(texts[0]), digest(texts[1])), (code_stamp, map_stamp))
        self._save(row)
        return row

    def _save(self, row: UnitRow) -> None:
        text = dump_unit(self._plan.unit(row.name))
        self._records.save_units([row], texts=[(row.name, text)])

    def _row(
        self, name: str, digests: tuple[str, str] = ("", ""), stamps: tuple[int, int] = (0, 0)
    ) -> UnitRow:
        given = self._plan.units[name].piece.input
        return UnitRow(name, given, self._plan.env, *digests, *stamps, None)
