"""The image: a traced program as arrays, ready to be copied into heaps, and kept in a file.

Tracing a battery of 400 solvers takes half a second, most of it Python compiling the generated
text; loading its image takes milliseconds (measured).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from pipeline.engine.tape import Instruction, Tape, trace
from pipeline.kernels import instruction as fields
from pipeline.system.atomic import write_atomic

_SOURCES: Final = (
    *("../ir/types.py", "../primitives/words.py", "../kernels/instruction.py"),
    *(f"../kernels/structure/{name}.py" for name in ("closers", "domains", "values")),
    *("tape.py", "image.py"),
)
_SUFFIX: Final = ".image"
_DIGEST_BYTES: Final = 16
_KEPT: Final = 4
"""How many images a folder keeps, the newest ones."""

_NODE: Final = re.compile(rb"^ +\S.* = rt\.(?!lanes\()|^    rt\.verdict\(", re.MULTILINE)
"""A line of a battery that stands for a node."""

_ARRAYS: Final = (
    "table",
    "extras",
    "constants",
    "verdict_solvers",
    "verdict_slots",
    "users",
    "user_offsets",
)


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """A program.

    solvers: the names by number. kernels, operations: likewise. slots: how many there are. nodes:
    how many the battery's text has; native_nodes: of how many of them instructions were made.
    table: a row of `instruction` fields for each instruction, where CODE is a kernel's number,
    OPERATION 32 times an operation's number, and EXTRAS a place in `extras`. constants: words.
    verdict_solvers, in ascending order, and verdict_slots belong together. users: the numbers of
    the instructions that solver k needs, in order, are users[user_offsets[k]:user_offsets[k + 1]].
    """

    solvers: tuple[str, ...]
    kernels: tuple[str, ...]
    operations: tuple[str, ...]
    slots: int
    nodes: int
    native_nodes: int
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
        `extras` at this place.
        """
        table = self.table[begin:].copy()
        numbers = np.array([codes[name] for name in self.kernels], np.int64)
        table[:, fields.CODE] = numbers[table[:, fields.CODE]]
        table[:, fields.EXTRAS] += extras
        return table

    def instructions_of(self, solver: int) -> np.ndarray:
        """The numbers of the instructions that a solver needs, in order."""
        return self.users[self.user_offsets[solver] : self.user_offsets[solver + 1]]

    def program_of(self, solver: int) -> tuple[bytes, int]:
        """What a solver computes: equal for two that need the same nodes and return the same one,
        so that no lane can tell them apart."""
        *shared, verdict = self.instructions_of(solver)
        return np.array(shared).tobytes(), int(self.table[verdict, fields.ARGS])


def assemble(program: Tape, solvers: tuple[str, ...], nodes: int = 0) -> Image:
    """The image of a program on tape; nodes as in `Image`."""
    kernels = program.kernels
    operations = sorted({i.operation for i in program.instructions})
    kernel_numbers = {name: k for k, name in enumerate(kernels)}
    operation_numbers = {name: k for k, name in enumerate(operations)}
    table = np.zeros((len(program.instructions), fields.STRIDE), np.int64)
    extras: list[int] = [0]
    users: list[list[int]] = [[] for _ in solvers]
    groups = _groups(program.instructions)
    for k, instruction in enumerate(program.instructions):
        table[k, : fields.ARGS + len(instruction.args)] = (
            kernel_numbers[instruction.kernel],
            instruction.dest,
            instruction.domain,
            32 * operation_numbers[instruction.operation],
            len(extras) if instruction.extras is not None else 0,
            instruction.mode,
            groups[k],
            *instruction.args,
        )
        extras += instruction.extras or ()
        for user in instruction.users:
            users[user].append(k)
    numbers = sorted(program.verdicts)
    return Image(
        solvers,
        tuple(kernels),
        tuple(operations),
        program.slots,
        nodes or program.native_nodes,
        program.native_nodes,
        table,
        np.array(extras, np.int64),
        np.array(program.constants, np.int64),
        np.array(numbers, np.int64),
        np.array([program.verdicts[k] for k in numbers], np.int64),
        np.array([k for numbers in users for k in numbers], np.int64),
        np.cumsum([0, *map(len, users)], dtype=np.int64),
    )


def _groups(instructions: Sequence[Instruction]) -> list[int]:
    """For each instruction the number of its group: see `instruction.GROUP`."""
    groups: list[int] = []
    made: set[int] = set()
    before: Instruction | None = None
    for instruction in instructions:
        together = (
            before is not None
            and before.kernel == instruction.kernel
            and not (before.is_alone or instruction.is_alone)
            and made.isdisjoint(_reads(instruction))
        )
        if not together:
            made.clear()
        groups.append((groups[-1] if groups else 0) + (not together))
        made.add(instruction.dest)
        before = instruction
    return groups


def _reads(instruction: Instruction) -> Iterator[int]:
    """The slots that an instruction may read: of its extras both as items and as effects."""
    yield instruction.domain
    yield from instruction.args
    for extra in instruction.extras or ():
        yield from (extra, extra >> 1)


def load_image(battery: Path, folder: Path) -> Image:
    """The image of a generated battery: from the folder, where it is kept once it was made."""
    text = battery.read_bytes()
    path = folder / f"{_key(text)}{_SUFFIX}"
    try:
        return _read(path.read_bytes())
    except (OSError, ValueError):
        scope: dict[str, Any] = {"__name__": "batt"}
        exec(compile(text, str(battery), "exec"), scope)
        nodes = len(_NODE.findall(text))
        image = assemble(trace(scope["evaluate"]), scope["SOLVERS"], nodes)
        write_atomic(path, _written(image))
        _forget_old(folder)
        return image


def _key(text: bytes) -> str:
    digest = hashlib.sha256(text)
    for name in _SOURCES:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()[:24]


def _written(image: Image) -> bytes:
    file = io.BytesIO()
    counts = (image.slots, image.nodes, image.native_nodes)
    names = [image.solvers, image.kernels, image.operations, counts]
    arrays = {name: getattr(image, name) for name in _ARRAYS}
    np.savez(file, names=np.frombuffer(json.dumps(names).encode(), np.uint8), **arrays)
    return _digest(file.getvalue()) + file.getvalue()


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()


def _read(data: bytes) -> Image:
    """The image in a file; raises ValueError if it is not as it was written."""
    content = data[_DIGEST_BYTES:]
    if _digest(content) != data[:_DIGEST_BYTES]:
        raise ValueError("the image is damaged")
    with np.load(io.BytesIO(content)) as file:
        solvers, kernels, operations, counts = json.loads(file["names"].tobytes())
        arrays = [file[name] for name in _ARRAYS]
    return Image(tuple(solvers), tuple(kernels), tuple(operations), *counts, *arrays)


def _forget_old(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):  # another process may be forgetting them too
        images = sorted(folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime)
        for path in images[:-_KEPT]:
            path.unlink()
