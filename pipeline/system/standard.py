"""Standard output and error that outlive who reads them: what is printed may get lost, never what
is done.

A reader that has had enough (`| head -1`), a full disk (`> /dev/full`) or a closed descriptor
(`>&-`) ends no work half-way. What can't be written is dropped, and `outcome` says at the end what
became of it.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Any, Final, TextIO

BROKEN_PIPE: Final = 141
"""The status of a program that SIGPIPE ends, as shells tell it."""


class _Lasting(io.RawIOBase):
    """The raw end of a stream: what can't be written counts as written, and why is kept."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.lost: OSError | None = None

    def writable(self) -> bool:
        """It is."""
        return True

    def isatty(self) -> bool:
        """Whether this is a terminal."""
        return os.isatty(self._descriptor)

    def fileno(self) -> int:
        """Its descriptor."""
        return self._descriptor

    def write(self, data: object) -> int:
        """Write what can be; all of it is told as written once something was lost."""
        view = memoryview(data)  # type: ignore[arg-type]
        if self.lost is None:
            try:
                return os.write(self._descriptor, view)
            except BlockingIOError:
                raise
            except OSError as error:
                self.lost = error
        return len(view)


_lasting: list[_Lasting] = []


def outlive_readers() -> None:
    """Make `sys.stdout` and `sys.stderr` such streams; once a process."""
    if _lasting:
        return
    _open_closed()
    sys.stdout, sys.stderr = _stream(sys.stdout, 1), _stream(sys.stderr, 2)


def is_lost() -> bool:
    """Whether something that was printed found no reader or no room."""
    return any(stream.lost is not None for stream in _lasting)


def outcome(status: int) -> int:
    """The exit status of work that ended with `status`: a failure of its own comes first, then 1
    where its output found no room, which is said, and that of a broken pipe, which is not."""
    lost = []
    for name, stream in zip((sys.stdout, sys.stderr), _lasting, strict=False):
        name.flush()
        if stream.lost is not None:
            lost.append(stream.lost)
    full = [error for error in lost if error.errno != errno.EPIPE]
    if full:
        why = full[0].strerror or str(full[0])
        print(f"what is printed can't be written: {why}", file=sys.stderr, flush=True)
        return status or 1
    return status or (BROKEN_PIPE if lost else 0)


def _open_closed() -> None:
    """Have the three standard descriptors open: else the next file that is opened, a database, gets
    the number of one, and what is printed goes into it."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)


def _stream(before: TextIO | None, descriptor: int) -> TextIO:
    """A stream like the one before; where that was closed, its descriptor leads nowhere."""
    raw = _Lasting(descriptor)
    _lasting.append(raw)
    if not isinstance(before, io.TextIOWrapper):
        return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="replace")
    before.flush()
    buffer: Any = raw if isinstance(before.buffer, io.RawIOBase) else io.BufferedWriter(raw)
    return io.TextIOWrapper(
        buffer,
        encoding=before.encoding,
        errors=before.errors,
        line_buffering=before.line_buffering,
        write_through=before.write_through,
    )
