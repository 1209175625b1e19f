"""Scores: how programs ended on samples, as arrays over (program, sample).

No Python object is made for a lane: what is here was written by machine code where the outputs lay.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from pipeline.battery.score_files import BASIC, csv_text, json_text
from pipeline.battery.score_rows import NOT_RUN, OK, STATUSES, WRONG, ScoreRows
from pipeline.diagnostics import Diagnostic

_PROGRAMS_SHOWN: Final = 20
_SAMPLES_SHOWN: Final = 12
"""What a notebook shows of many."""


@dataclass(frozen=True, eq=False)
class Scores:
    """How programs ended on samples.

    programs, samples: their names, in the order of the arrays. `scores[k]` is the scores of the
    program at place k, and `scores[places]` those of several: a slice, numbers or a mask. The
    arrays are of the shape (programs, samples):

    codes: int8, see `STATUSES`. exact: bool, whether the output is the expected one. shape_right:
    bool, whether its height and width are. cells: float64, which share of its cells is as expected;
    NaN where the shape is not right, or no output is expected. value_hash: uint64, of the shape
    (programs, samples, 2): MurmurHash3 (x86, 128 bits, seed 0) of the little-endian 32-bit integers
    height, width and the cells row by row; 0 where there is no output.

    answered: bool, of the shape (samples,): whether an output is expected. explain: gives what is
    wrong with a broken program, by its place.
    """

    programs: tuple[str, ...]
    samples: tuple[str, ...]
    codes: np.ndarray
    exact: np.ndarray
    shape_right: np.ndarray
    cells: np.ndarray
    value_hash: np.ndarray
    answered: np.ndarray
    explain: Mapping[int, Callable[[], tuple[Diagnostic, ...]]]

    @property
    def shape(self) -> tuple[int, int]:
        """How many programs and samples there are."""
        return len(self.programs), len(self.samples)

    @property
    def status(self) -> np.ndarray:
        """The codes in words."""
        found: np.ndarray = np.array(STATUSES)[self.codes]
        return found

    def __len__(self) -> int:
        return len(self.programs)

    def __getitem__(self, places: Any) -> Scores:
        """The scores of some programs, of one or in this order; IndexError if it is not there."""
        rows = np.arange(len(self))[places]
        numbers = np.atleast_1d(rows).tolist()
        explain = {k: self.explain[n] for k, n in enumerate(numbers) if n in self.explain}
        part = slice(rows, rows + 1) if np.ndim(rows) == 0 else rows
        return Scores(
            tuple([self.programs[n] for n in numbers]),
            self.samples,
            self.codes[part],
            self.exact[part],
            self.shape_right[part],
            self.cells[part],
            self.value_hash[part],
            self.answered,
            explain,
        )

    @property
    def solved(self) -> np.ndarray:
        """Of each program whether it is right: exact on every sample that it was run on and that
        has an expected output, one at least, and without a failure on the others.
        """
        ran = self.codes != NOT_RUN
        fine = self.exact | ~ran | ((self.codes == OK) & ~self.answered)
        found: np.ndarray = fine.all(axis=1) & self.exact.any(axis=1)
        return found

    def ranking(self) -> np.ndarray:
        """The places of the programs, the best first: by samples that are exact, then by the sum of
        the shares of cells; equal ones stay in order.
        """
        share = np.nan_to_num(self.cells).sum(axis=1)
        return np.lexsort((-share, -self.exact.sum(axis=1)))

    @cached_property
    def diagnostics(self) -> dict[int, tuple[Diagnostic, ...]]:
        """What is wrong with each broken program, by its place."""
        return {k: explain() for k, explain in sorted(self.explain.items())}

    def hex_hash(self, program: int, sample: int) -> str:
        """The hash of one output as 32 hexadecimal digits, in the order of its bytes."""
        return self.value_hash[program, sample].astype("<u8").tobytes().hex()

    def rows(self) -> list[dict[str, Any]]:
        """A row a lane, of plain values; `cells` is None where there is no share."""
        return [
            dict(zip(BASIC, row, strict=True))
            for part in self._parts()
            for row in zip(
                [part.program] * len(part.samples),
                part.samples,
                [STATUSES[code] for code in part.codes.tolist()],
                part.exact.tolist(),
                part.shape_right.tolist(),
                part.shares,
                part.hashes,
                strict=True,
            )
        ]

    def to_frame(self) -> Any:
        """The rows as a data frame of pandas, or of polars where pandas is not installed."""
        for name in ("pandas", "polars"):
            if find_spec(name) is not None:
                frames = __import__(name)
                return frames.DataFrame(self._columns())
        raise ImportError("to_frame needs pandas or polars: pip install pandas")

    def to_csv(self, path: str | Path | None = None) -> str:
        """The rows as CSV with a head; written to a file where one is named."""
        return _written("".join(csv_text(self._parts(), BASIC)), path)

    def to_json(self, path: str | Path | None = None) -> str:
        """Rows, and the diagnostics of broken programs, as JSON; written to a file if named."""
        broken = [
            {"place": k, "program": self.programs[k], "diagnostics": [_plain(d) for d in found]}
            for k, found in self.diagnostics.items()
        ]
        rows = ",\n".join(filter(None, json_text(self._parts(), BASIC)))
        end = json.dumps({"broken": broken}, indent=1)[1:]
        return _written(f'{{"rows": [\n{rows}\n],{end}\n', path)

    def _parts(self) -> Iterator[ScoreRows]:
        for k, name in enumerate(self.programs):
            arrays = self.codes, self.exact, self.shape_right, self.cells, self.value_hash
            yield ScoreRows(name, self.samples, *[array[k] for array in arrays])

    def _columns(self) -> dict[str, Any]:
        rows = self.rows()
        found: dict[str, Any] = {name: [row[name] for row in rows] for name in BASIC}
        return {**found, "cells": self.cells.ravel()}

    def __repr__(self) -> str:
        counts = np.bincount(self.codes.ravel(), minlength=len(STATUSES)).tolist()
        parts = [f"{n:,} {name}" for name, n in zip(STATUSES, counts, strict=True) if n]
        programs, samples = self.shape
        solved = int(self.solved.sum())
        text = f"Scores of {programs:,} programs on {samples:,} samples: {solved:,} right"
        return f"<{text}; {', '.join(parts) or 'nothing was run'}>"

    def _repr_html_(self) -> str:
        """A table for notebooks: a row a program, the best first, a coloured cell a sample; where
        the shape is right and the output is not, with the share of cells that are as expected.
        """
        first = self.ranking()[:_PROGRAMS_SHOWN].tolist()
        samples = range(min(len(self.samples), _SAMPLES_SHOWN))
        head = "".join(f"{_HEAD}{escape(self.samples[s])}</th>" for s in samples)
        lines = []
        for p in first:
            cells = "".join(self._cell(p, s) for s in samples)
            lines.append(f"<tr>{_NAME}{escape(self.programs[p])}</th>{cells}</tr>")
        left = {
            "programs": len(self.programs) - len(first),
            "samples": len(self.samples) - len(samples),
        }
        more = " and ".join(f"{count:,} more {what}" for what, count in left.items() if count)
        table = f"<table><tr>{_NAME}</th>{head}</tr>{''.join(lines)}</table>"
        return f"<p>{escape(repr(self)[1:-1])}</p>{table}{f'<p>and {more}</p>' if more else ''}"

    def _cell(self, program: int, sample: int) -> str:
        code = int(self.codes[program, sample])
        share = float(self.cells[program, sample])
        text = STATUSES[code].replace("_", " ")
        if code == WRONG:
            # Rounded down: what is not exact must not read 100%.
            text = "wrong shape" if share != share else f"{int(100 * share)}%"
        return f'<td style="background:{_COLOURS[code]};{_CELL}">{text}</td>'


_HEAD: Final = '<th style="color:inherit;text-align:center">'
_NAME: Final = '<th style="color:inherit;text-align:left;font-family:monospace">'
_CELL: Final = "color:#111;text-align:center;white-space:nowrap;border:1px solid #7f7f7f"
_COLOURS: Final = ("#9fdf9f", "#f2e3a6", "#f0b8a8", "#d9c2ec", "#d0d0d0", "#ffffff")
"""By code: light ones, with dark text, whatever the page's colours are."""


def _plain(diagnostic: Diagnostic) -> dict[str, Any]:
    span = diagnostic.span
    return {
        "line": span.line,
        "column": span.column,
        "width": span.width,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "notes": list(diagnostic.notes),
    }


def _written(text: str, path: str | Path | None) -> str:
    if path is not None:
        Path(path).write_text(text, "utf-8")
    return text
