"""The command `matrix`: configuration and files in, results and text out.

Verdicts are kept as they come, in `matrix/KEY.part` of the cache (see `battery.journal`), so that a
run that was ended in any way is gone on with by the next one that asks for the same.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence

import numpy as np

from pipeline.battery.devices import is_no_device
from pipeline.battery.elsewhere import elsewhere
from pipeline.battery.journal import Partial, forget_old, partial_path
from pipeline.battery.matrix_workload import (
    Layout,
    Matrix,
    lay_out,
    run_matrix,
    score_rows,
    sum_up,
)
from pipeline.battery.opening import battery_for, is_empty, tell_use
from pipeline.battery.score_files import put_tables
from pipeline.battery.score_rows import LANE
from pipeline.cluster.connecting import HERE, Where, asked_for
from pipeline.config import paths
from pipeline.config.context import Context
from pipeline.data.arc import load_tasks
from pipeline.incremental import outputs
from pipeline.incremental.keys import are_no_data_sets
from pipeline.incremental.session import notice
from pipeline.report.matrix_text import print_matrix
from pipeline.system.atomic import open_atomic, write_atomic
from pipeline.system.progress import progress


def matrix(
    context: Context,
    key: str,
    names: tuple[str, ...],
    most: int = 0,
    restart: bool = False,
    device: str = "",
    formats: Sequence[str] = (),
    where: Where = HERE,
) -> int:
    """Run every solver on every sample of data sets; write and print the results. 0 if it ran.

    key: the hash of all that the verdicts depend on. With `most`, which is for trying out, nothing
    is written: a part would pass for the whole. `restart`: compute again what is there already.
    formats: those in which the scores of all lanes are written, of a part too. where: the cluster
    that runs them, if one does.
    """
    if are_no_data_sets(names):
        return 2
    if most < 0:
        print("--limit-samples takes a number of samples (0: all)", file=sys.stderr)
        return 2
    if is_no_device(device):
        return 2
    config = context.config
    cluster = asked_for(where, config.cluster)
    started = time.perf_counter()
    sets = {name: load_tasks(name, config.cache.folder) for name in names}
    battery = battery_for(context, "cpu" if cluster else device)
    if is_empty(battery):
        return 2
    layout = lay_out(sets, most, battery.uses_shown)
    path = partial_path(config.cache.folder / "matrix", key, formats)
    if restart:
        path.unlink(missing_ok=True)
    kind = LANE if formats else np.int16
    shape = len(battery.solvers), len(layout.samples)
    with Partial(path, f"matrix {key}", *shape, kind) as partial:
        forget_old(path)
        missing = partial.verdicts.size - partial.lanes_done
        loaded = time.perf_counter()
        if missing < partial.verdicts.size:
            notice(f"matrix: going on, {missing:,} of {partial.verdicts.size:,} lanes are left")
        with (
            elsewhere(battery, config, cluster if missing else HERE, device),
            progress("matrix", missing, "lanes") as advance,
        ):
            run_matrix(battery.engine(config.budget), layout, partial, advance)
    seconds = {"load": loaded - started, "run": time.perf_counter() - loaded}
    seconds = {name: round(value, 4) for name, value in seconds.items()}
    if missing:
        tell_use(battery)
    found = sum_up(layout, partial.verdicts, battery, config.budget, missing, seconds)
    if not most:
        _write(context, found, layout, partial.verdicts)
    if formats or not most:
        rows = score_rows(layout, battery.solvers, partial.lanes)
        put_tables(context.root, "matrix", formats, rows)
    print_matrix(found)
    return 0


def forget_partial(context: Context, key: str, formats: Sequence[str] = ()) -> None:
    """Remove what was kept of an unfinished matrix: its result is written and recorded."""
    partial_path(context.config.cache.folder / "matrix", key, formats).unlink(missing_ok=True)


def _write(context: Context, found: Matrix, layout: Layout, verdicts: np.ndarray) -> None:
    """Write `matrix.npy`, int16 (solvers, columns), row by row, and `matrix.json`."""
    outputs.remove_unfinished(str(context.at(paths.RESULTS)))
    shape = len(verdicts), len(layout.places)
    with open_atomic(context.at(paths.MATRIX)) as file:
        header = {"descr": "<i2", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for row in verdicts:
            file.write(row[layout.places].astype("<i2").tobytes())
    text = json.dumps(found.to_json(), indent=1)
    write_atomic(context.at(paths.MATRIX_FACTS), (text + "\n").encode())
