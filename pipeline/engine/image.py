"""The image: a battery's program as arrays, ready to be copied into heaps, and its file.

The link makes it of graphs and writes it beside the battery's text, `batt.image` beside `batt.py`.
The file says of which text it is, and what its content must hash to.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.engine.lower import Lowering
from pipeline.ir.graph import Graph
from pipeline.kernels import instruction
from pipeline.system.atomic import write_atomic
from pipeline.system.problem import Problem

_FORM: Final = b"arc-image 1\n"
_DIGEST_BYTES: Final = 16
_KINDS: Final = tuple(map(np.dtype, ("<i1", "<i2", "<i4", "<i8")))
"""How arrays are kept: in as few bytes as their numbers take."""


class BadImage(Problem):
    """A file that is not the image of the battery beside it; the message says what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """A program.

    solvers: the names by number. kernels, operations: likewise. slots: how many there are. nodes:
    how many lines the battery's text has for it. table: a row of `instruction` fields for each
    instruction, where CODE is a kernel's number, OPERATION 32 times an operation's number, and
    EXTRAS a place in `extras`. constants: words. verdict_solvers, in ascending order, and
    verdict_slots belong together. users: the numbers of the instructions that solver k needs, its
    verdict's among them, in order, are users[user_offsets[k]:user_offsets[k + 1]].
    """

    solvers: tuple[str, ...]
    kernels: tuple[str, ...]
    operations: tuple[str, ...]
    slots: int
    nodes: int
    table: np.ndarray
    extras: np.ndarray
    constants: np.ndarray
    verdict_solvers: np.ndarray
    verdict_slots: np.ndarray
    users: np.ndarray
    user_offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.table)

    def table_with(self, codes: Mapping[str, int], extras: int, begin: int = 0) -> np.ndarray:
        """The table from an instruction on for a heap, with each kernel's code by its name, and
        `extras` at this place. What has no code is never to be run.
        """
        table = self.table[begin:].copy()
        numbers = np.array([codes.get(name, 0) for name in self.kernels], np.int64)
        table[:, instruction.CODE] = numbers[table[:, instruction.CODE]]
        table[:, instruction.EXTRAS] += extras
        return table

    def instructions_of(self, solver: int) -> np.ndarray:
        """The numbers of the instructions that a solver needs, in order."""
        return self.users[self.user_offsets[solver] : self.user_offsets[solver + 1]]

    def program_of(self, solver: int) -> tuple[bytes, int]:
        """What a solver computes: equal for two that need the same nodes and return the same one,
        so that no lane can tell them apart."""
        numbers = self.instructions_of(solver)
        is_verdict = self.table[numbers, instruction.DEST] == self.verdict_slots[solver]
        (verdict,) = numbers[is_verdict]
        return numbers[~is_verdict].tobytes(), int(self.table[verdict, instruction.ARGS])


_ARRAYS: Final = tuple(field.name for field in fields(Image))[5:]


def lowered(low: Lowering, graph: Graph) -> tuple[list[int], int]:
    """The numbers of a graph's instructions, ascending, and the slot of its verdict; what is not
    there is added.
    """
    numbers = low.numbers_of(graph.nodes)
    verdict, slot = low.verdict(graph.result, graph.effects)
    return sorted([*numbers, verdict]), slot


def image_of(
    low: Lowering, solvers: Sequence[str], programs: Sequence[tuple[list[int], int]], nodes: int = 0
) -> Image:
    """The image of all instructions there are, for solvers with these programs (see `lowered`)."""
    users = [numbers for numbers, _ in programs]
    return Image(
        tuple(solvers),
        tuple(low.kernels),
        tuple(low.operations),
        low.slots,
        nodes or low.count,
        low.table(),
        np.array(low.extras, np.int64),
        np.array(low.constants, np.int64),
        np.arange(len(programs)),
        np.array([slot for _, slot in programs], np.int64),
        np.array([k for numbers in users for k in numbers], np.int64),
        np.cumsum([0, *map(len, users)], dtype=np.int64),
    )


def image_of_graphs(graphs: Iterable[Graph]) -> Image:
    """The image of graphs, one after another; equal nodes of theirs must be the same."""
    low = Lowering()
    pairs = [(graph.name, lowered(low, graph)) for graph in graphs]
    return image_of(low, [name for name, _ in pairs], [program for _, program in pairs])


# -- the file


def image_path(battery: Path) -> Path:
    """Where the image of a battery's text is."""
    return battery.with_suffix(".image")


def load_image(battery: Path) -> Image:
    """The image of a battery, by the path of its text; raises BadImage or OSError."""
    path = image_path(battery)
    try:
        return image_in(path.read_bytes(), battery.read_bytes())
    except FileNotFoundError as error:
        raise BadImage(f"{error.filename} is missing: run `doit link`") from None
    except BadImage as error:
        raise BadImage(f"{path} {error}: run `doit link`") from None


def write_image(image: Image, battery: Path) -> None:
    """Write the image beside a battery's text, which is there already."""
    write_atomic(image_path(battery), image_bytes(image, battery.read_bytes()))


def image_bytes(image: Image, text: bytes) -> bytes:
    """The content of the file, for a battery that has this text."""
    arrays = [_narrow(getattr(image, name)) for name in _ARRAYS]
    names = [image.solvers, image.kernels, image.operations, image.slots, image.nodes]
    shapes = [(array.dtype.itemsize, array.shape) for array in arrays]
    head = json.dumps([names, shapes], separators=(",", ":")).encode() + b"\n"
    content = zlib.compress(head + b"".join([array.tobytes() for array in arrays]), 1)
    return _FORM + _digest(text) + _digest(content) + content


def image_in(data: bytes, text: bytes) -> Image:
    """The image in a file; BadImage if it is not as it was written, or not for this text."""
    ends = [len(_FORM) + k * _DIGEST_BYTES for k in range(3)]
    content = data[ends[2] :]
    if data[: ends[0]] != _FORM or _digest(content) != data[ends[1] : ends[2]]:
        raise BadImage("is damaged, or of another version")
    if _digest(text) != data[ends[0] : ends[1]]:
        raise BadImage("does not belong to the text beside it")
    head, _, rest = zlib.decompress(content).partition(b"\n")
    (solvers, kernels, operations, slots, nodes), shapes = json.loads(head)
    arrays, at = [], 0
    for size, shape in shapes:
        kind = _KINDS[size.bit_length() - 1]
        count = int(np.prod(shape))
        arrays.append(np.frombuffer(rest, kind, count, at).astype(np.int64).reshape(shape))
        at += count * size
    return Image(tuple(solvers), tuple(kernels), tuple(operations), slots, nodes, *arrays)


def _narrow(array: np.ndarray) -> np.ndarray:
    """The same numbers in as few bytes as they take."""
    low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
    kind = next(k for k in _KINDS if np.iinfo(k).min <= low and high <= np.iinfo(k).max)
    return array.astype(kind)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()
