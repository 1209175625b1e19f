"""Build one solver: from the cache, or by compiling; write what changed; record it.

The record is that of the text that was compiled, and is committed when both files are in place. A
build killed in between leaves files whose stamps no record has, which the next run looks into.
"""

from __future__ import annotations

from collections import Counter

from pipeline.build import outputs
from pipeline.build.compilers import Compilers
from pipeline.build.objects import Objects
from pipeline.build.plan import Plan
from pipeline.build.problems import INTERNAL, dump_problems
from pipeline.build.records import Records, UnitRow
from pipeline.build.stamp import digest


class Generator:
    """Builds the solvers of a plan; `counts` says what it did."""

    def __init__(
        self,
        plan: Plan,
        records: Records,
        objects: Objects,
        compilers: Compilers,
        insisted: bool = False,
    ) -> None:
        self._plan = plan
        self._records = records
        self._objects = objects
        self.compilers = compilers
        self._insisted = insisted
        self.counts: Counter[str] = Counter()

    def build(self, name: str) -> None:
        """Bring a solver's outputs and record up to date, whether they need it or not.

        One that needs nothing is here because the user insists (`doit -a`): then it is compiled
        even if the cache has it.
        """
        insisted = self._insisted or name not in self._plan.pending
        key = self._plan.cache_key(name)
        texts = None if insisted else self._objects.get(key)
        if texts is not None:
            row = self._write(name, *texts)
            self.counts["cached"] += 1
        else:
            row = self._compile(name, key)
        self._plan.current[name] = row
        self._plan.pending.pop(name, None)

    def _compile(self, name: str, key: str) -> UnitRow:
        compiled = self.compilers.compile(self._plan.unit(name))
        if compiled.code is not None:
            self._objects.put(key, (compiled.code, compiled.source_map))
            row = self._write(name, compiled.code, compiled.source_map)
            self.counts["generated"] += 1
            return row
        outputs.remove_outputs(name)
        problems = dump_problems(compiled.diagnostics)
        row = self._row(name)._replace(problems=problems)
        if all(problem.code != INTERNAL for problem in compiled.diagnostics):
            self._records.save_units([row])  # but our own failures are tried again every time
        return row

    def _write(self, name: str, code: str, source_map: str) -> UnitRow:
        code_stamp = outputs.write_output(outputs.code_path(name), code)
        map_stamp = outputs.write_output(outputs.map_path(name), source_map)
        digests = digest(code.encode()), digest(source_map.encode())
        row = self._row(name, digests, (code_stamp, map_stamp))
        self._records.save_units([row])
        return row

    def _row(
        self, name: str, digests: tuple[str, str] = ("", ""), stamps: tuple[int, int] = (0, 0)
    ) -> UnitRow:
        given = self._plan.units[name].piece.input
        return UnitRow(name, given, self._plan.env, *digests, *stamps, None)
