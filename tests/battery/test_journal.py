"""What is kept of an unfinished run: what was added, whole, whatever happened to the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.battery.journal import UNDONE, Partial

RECORDS = (
    (0, (0, 1, 2), [[1, 0], [-33, 5], [0, 0]]),
    (4, (0, 1, 2), [[1], [1], [-32767]]),
    (2, (2,), [[7, -8]]),
    (2, (0, 1), [[1, 2], [3, 4]]),
)


def opened(path: Path, title: str = "x", solvers: int = 3, samples: int = 5) -> Partial:
    return Partial(path, title, solvers, samples)


def written(path: Path, count: int = len(RECORDS)) -> np.ndarray:
    """The verdicts after so many records."""
    with opened(path) as partial:
        for first, solvers, verdicts in RECORDS[:count]:
            partial.add(first, solvers, np.array(verdicts, np.int32))
    return partial.verdicts


def test_what_was_added_is_there_again(tmp_path: Path) -> None:
    verdicts = written(tmp_path / "new" / "part")
    assert verdicts.tolist() == [[1, 0, 1, 2, 1], [-33, 5, 3, 4, 1], [0, 0, 7, -8, -32767]]
    assert verdicts.dtype == np.int16
    with opened(tmp_path / "new" / "part") as partial:
        assert (partial.verdicts == verdicts).all()
        assert partial.lanes_done == 15


def test_a_block_lacks_until_every_solver_has_its_verdicts(tmp_path: Path) -> None:
    with opened(tmp_path / "part") as partial:
        assert partial.lanes_done == 0
        assert (partial.verdicts == UNDONE).all()
        for first, solvers, verdicts in RECORDS[:3]:
            partial.add(first, solvers, np.array(verdicts))
        assert [partial.lacks(k, k + 1) for k in range(5)] == [False, False, True, True, False]
        assert partial.lacks(0, 3)
        partial.add(*RECORDS[3][:2], np.array(RECORDS[3][2]))
        assert not partial.lacks(0, 5)


def test_cut_at_any_byte_it_holds_whole_records_and_goes_on(tmp_path: Path) -> None:
    path, cut = tmp_path / "part", tmp_path / "cut"
    ends, stages = [], []
    for count in range(len(RECORDS) + 1):
        path.unlink(missing_ok=True)
        stages.append(written(path, count))
        ends.append(path.stat().st_size)
    data = path.read_bytes()
    for size in range(len(data) + 1):
        cut.write_bytes(data[:size])
        whole = max((k for k, end in enumerate(ends) if end <= size), default=0)
        with opened(cut) as partial:
            assert (partial.verdicts == stages[whole]).all()
        assert cut.read_bytes() == data[: ends[whole]]
        assert (written(cut) == stages[-1]).all()


def test_a_changed_byte_ends_what_counts(tmp_path: Path) -> None:
    path = tmp_path / "part"
    written(path, 1)
    begin = path.stat().st_size
    path.unlink()
    written(path, 2)
    data = path.read_bytes()
    path.unlink()
    first = written(path, 1)
    for at in range(begin, len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :])
        with opened(path) as partial:
            assert (partial.verdicts == first).all()


@pytest.mark.parametrize("other", [{"title": "y"}, {"solvers": 4}, {"samples": 6}])
def test_another_title_or_shape_begins_anew(tmp_path: Path, other: dict[str, int]) -> None:
    path = tmp_path / "part"
    written(path)
    with opened(path, **other) as partial:
        assert partial.lanes_done == 0
    with opened(path) as partial:
        assert partial.lanes_done == 0
