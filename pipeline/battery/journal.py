"""Verdicts, or whole scores, as they come, kept in a file so that an interrupted run can go on.

The file is a journal: a title, then one record for each outcome, written at its end and never
changed. A record counts only if it is whole and its checksum is right. So what is known to be done
is done, whatever ended the writer (`kill -9` and power cuts included): at worst the last records
are lost and computed again.

    record    first sample, number of samples, number of solvers, CRC-32 of the rest: 4 int64
              the solvers' numbers: int32
              their lanes: verdicts, int16, or `score_rows.LANE` (solvers, samples)
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np

UNDONE: Final = -(1 << 15)
"""Stands where there is no verdict yet."""

KEPT: Final = 4
"""How many unfinished runs are kept, the newest ones."""

_HEAD: Final = 32


class Partial:
    """How solvers end on samples, as far as it is known.

    kind: of a lane, int16 for just the verdict, or one that has a field of this name. lanes: of
    that kind (solvers, samples); verdicts: a view of it, UNDONE where there is none. The file is
    opened, or begun anew if it has another title or another shape. OSError if it can't be read or
    written.
    """

    def __init__(
        self, path: Path, title: str, solvers: int, samples: int, kind: Any = np.int16
    ) -> None:
        self.path = path
        self.lanes = np.zeros((solvers, samples), kind)
        self.verdicts = self.lanes if self.lanes.dtype.names is None else self.lanes["verdict"]
        self.verdicts[:] = UNDONE
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(path, "a+b", buffering=0)  # noqa: SIM115  closed by `close`
        try:
            self._read(f"{title} {solvers} {samples}\n".encode())
        except BaseException:
            self._file.close()
            raise

    @property
    def lanes_done(self) -> int:
        """How many verdicts there are."""
        return sum(int(np.count_nonzero(row != UNDONE)) for row in self.verdicts)

    def lacks(self, first: int, last: int) -> bool:
        """Whether a verdict on samples first to last - 1 is missing."""
        return bool((self.verdicts[:, first:last] == UNDONE).any())

    def add(self, first: int, solvers: tuple[int, ...], lanes: np.ndarray) -> None:
        """Keep lanes[k, lane] of solver solvers[k] on sample first + lane."""
        numbers = np.array(solvers, np.int32)
        codes = lanes.astype(self.lanes.dtype)
        body = numbers.tobytes() + codes.tobytes()
        head = np.array([first, codes.shape[1], len(numbers), 0], np.int64)
        head[3] = zlib.crc32(body, zlib.crc32(head.tobytes()))
        record = memoryview(head.tobytes() + body)
        while record:  # a system may take less at once than it is given
            record = record[self._file.write(record) or 0 :]
        self._put(first, numbers, codes)

    def close(self) -> None:
        """Close the file; it stays."""
        self._file.close()

    def __enter__(self) -> Partial:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _put(self, first: int, numbers: np.ndarray, codes: np.ndarray) -> None:
        self.lanes[numbers, first : first + codes.shape[1]] = codes

    def _read(self, title: bytes) -> None:
        """Take over what is in the file; cut off what is not whole."""
        size = os.fstat(self._file.fileno()).st_size
        with open(self.path, "rb") as file:
            if file.readline(len(title)) != title:
                self._file.truncate(0)
                self._file.write(title)
                return
            end = file.tell()
            while size - end >= _HEAD:
                head = np.frombuffer(file.read(_HEAD), np.int64).copy()
                body = _body_size(head, size - end - _HEAD, self.lanes.itemsize)
                if body is None:
                    break
                data = file.read(body)
                if not _is_right(head, data):
                    break
                self._take(head, data)
                end = file.tell()
        if end < size:
            self._file.truncate(end)

    def _take(self, head: np.ndarray, data: bytes) -> None:
        first, lanes, count = (int(x) for x in head[:3])
        numbers = np.frombuffer(data, np.int32, count)
        codes = np.frombuffer(data, self.lanes.dtype, count * lanes, offset=4 * count)
        self._put(first, numbers, codes.reshape(count, lanes))


def partial_path(folder: Path, key: str, formats: Sequence[str]) -> Path:
    """The file of an unfinished run, with whole scores where they are to be written in formats."""
    return folder / f"{key}{'.scores' if formats else ''}.part"


def forget_old(path: Path) -> None:
    """Remove all but the newest unfinished runs of a folder; the one at `path` is to stay."""
    others = [other for other in path.parent.glob("*.part") if other != path]
    for old in sorted(others, key=lambda other: other.stat().st_mtime)[: -(KEPT - 1)]:
        with suppress(OSError):
            old.unlink()


def _body_size(head: np.ndarray, left: int, lane: int) -> int | None:
    """How many bytes follow a record's head; None if the head can't be right."""
    first, lanes, count = (int(x) for x in head[:3])
    if min(first, lanes, count) < 0:
        return None
    size = 4 * count + lane * count * lanes
    return size if size <= left else None


def _is_right(head: np.ndarray, data: bytes) -> bool:
    wanted = int(head[3])
    head[3] = 0
    return zlib.crc32(data, zlib.crc32(head.tobytes())) == wanted
