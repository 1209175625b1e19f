"""The array of a launch: what the host writes in front, and where the teams' heaps are behind.

    program     constants, extras, instructions: the same for every launch of an image
    lists       for each set of solvers the places of its instructions and the slots of its verdicts
    samples     the grids, encoded, and columns of where each sample's begin
    roots       a domain's record for each block
    results     the work's record, the blocks' records, what each took, verdicts, places of kept
                grids, scores
    grids       room for the grids that are kept
    heaps       one for each team

The host uploads all up to the grids once, and downloads the results once, with the grids where some
are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from pipeline.engine.engine import WRONG, Block, Engine, Outcome, outcome_in, put_roots
from pipeline.engine.image import Image
from pipeline.engine.samples import Samples
from pipeline.ir.status import Limits
from pipeline.kernels import instruction as fields
from pipeline.kernels.heap import CONSTANTS, LIMITS, SCRATCH, SCRATCH_WORDS, grid_at, limit_words
from pipeline.kernels.scoring import SCORE_WORDS
from pipeline.kernels.team import BROKEN

KEEPS: Final = {
    "none": fields.KEEP_NONE,
    "wrong": fields.KEEP_WRONG,
    "all": fields.KEEP_ALL,
}

ALIGNMENT: Final = 32
"""Words between places where heaps may begin: a cache line or two."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """An image as it stands in front of every launch.

    words: from place 0 on; state: what each team's state begins as; places: of the instructions.
    """

    words: np.ndarray
    state: np.ndarray
    places: np.ndarray


def load(image: Image, codes: dict[str, int], limits: Limits) -> Loaded:
    """Lay out an image; codes: the number of each kernel."""
    state = np.zeros(SCRATCH, np.int64)
    state[CONSTANTS] = 0
    state[LIMITS : LIMITS + 5] = limit_words(limits)
    extras = len(image.constants)
    begin = extras + len(image.extras)
    table = image.table_with(codes, extras)
    words = np.concatenate([image.constants, image.extras, table.ravel()])
    return Loaded(words, state, begin + fields.STRIDE * np.arange(len(table)))


@dataclass(frozen=True, slots=True)
class Launch:
    """What one launch gets.

    words: all that is uploaded, to place 0. work: the place of the work's record, with which the
    results begin; grids, heaps: where these begin. teams, heap_words: how many heaps of which size
    there are. blocks, with their solvers.
    """

    words: np.ndarray
    work: int
    grids: int
    heaps: int
    teams: int
    heap_words: int
    blocks: tuple[Block, ...]
    solvers: tuple[tuple[int, ...], ...]
    keep: str

    @property
    def size(self) -> int:
        """How many words the array has."""
        return self.heaps + self.teams * self.heap_words

    def table_in(self, words: np.ndarray, begin: int = 0) -> np.ndarray:
        """The blocks' records, int64 (blocks, B_WORDS), in words that begin at a place."""
        at = int(self.words[self.work + fields.W_TABLE]) - begin
        count = len(self.blocks) * fields.B_WORDS
        table: np.ndarray = words[at : at + count].reshape(-1, fields.B_WORDS)
        return table

    def with_heaps(self, teams: int, heap_words: int) -> Launch:
        """The same with so many heaps of such a size."""
        self.words[self.work + fields.W_HEAP_WORDS] = heap_words
        return replace(self, teams=teams, heap_words=heap_words)


class _Front:
    """Words that are written one part after another."""

    def __init__(self, first: np.ndarray) -> None:
        self.parts = [first]
        self.end = len(first)

    def put(self, words: np.ndarray) -> int:
        """Add words; gives their place."""
        place = self.end
        self.parts.append(words)
        self.end += len(words)
        return place

    def joined(self) -> np.ndarray:
        """All of them."""
        return np.concatenate(self.parts)


def lay_out(
    engine: Engine,
    loaded: Loaded,
    samples: Samples,
    blocks: Sequence[Block],
    keep: str,
    grid_words: int,
    scores: bool = False,
) -> Launch:
    """The launch of some blocks, without heaps yet; grid_words: room for grids, if any are kept."""
    front = _Front(loaded.words)
    lists = _put_lists(front, engine, loaded, blocks)
    roots = put_roots(front.put, samples, blocks)
    solvers = tuple(engine.solvers_of(block.solvers) for block in blocks)
    sizes = [len(s) * (b.last - b.first) for s, b in zip(solvers, blocks, strict=True)]
    lanes = sum(sizes)
    kept = lanes if keep != "none" else 0
    scored = lanes * SCORE_WORDS if scores else 0
    work = front.put(np.zeros(fields.W_WORDS, np.int64))
    table_at = front.end
    outs = table_at + len(blocks) * (fields.B_WORDS + 1)
    before = np.cumsum([0, *sizes])[:-1]
    table = np.zeros((len(blocks), fields.B_WORDS), np.int64)
    table[:, fields.B_ROOT] = roots
    table[:, [fields.B_INSTRUCTIONS, fields.B_COUNT, fields.B_SLOTS]] = lists
    table[:, fields.B_SOLVERS] = [len(s) for s in solvers]
    table[:, fields.B_OUT] = outs + before
    table[:, fields.B_GRIDS] = outs + kept + before
    if scores:
        table[:, fields.B_SCORES] = outs + lanes + kept + SCORE_WORDS * before
    front.put(table.ravel())
    front.put(np.zeros(len(blocks) + lanes + kept + scored, np.int64))
    grids = front.end
    end = grids + (grid_words if kept else 0)
    heaps = -(-end // ALIGNMENT) * ALIGNMENT
    words = front.joined()
    record = words[work : work + fields.W_WORDS]
    record[fields.W_STATE : fields.W_STATE + SCRATCH] = loaded.state
    record[fields.W_HEAPS] = heaps
    record[fields.W_SLOTS] = engine.image.slots
    record[fields.W_TABLE] = table_at
    record[fields.W_COUNT] = len(blocks)
    record[fields.W_KEEP] = KEEPS[keep]
    record[fields.W_GRIDS] = grids
    record[fields.W_GRIDS_END] = end
    return Launch(words, work, grids, heaps, 0, 0, tuple(blocks), solvers, keep)


def _put_lists(
    front: _Front, engine: Engine, loaded: Loaded, blocks: Sequence[Block]
) -> np.ndarray:
    """Write for each set of solvers its instructions and slots; gives for each block where the
    instructions are listed, how many these are, and where the slots are.
    """
    lists: dict[tuple[int, ...] | None, tuple[int, int, int]] = {}
    for block in blocks:
        if block.solvers not in lists:
            numbers = engine.instructions_of(block.solvers)
            listed = front.put(loaded.places[numbers])
            slots = front.put(engine.verdict_slots(block.solvers))
            lists[block.solvers] = (listed, len(numbers), slots)
    return np.array([lists[block.solvers] for block in blocks], np.int64)


def heap_words_at_least(image: Image, threads: int) -> int:
    """What a team's heap takes before its first block."""
    return SCRATCH + threads * SCRATCH_WORDS + image.slots


@dataclass(frozen=True, slots=True)
class LaunchResults:
    """What came of a launch: the outcomes, and the blocks that found no room: in their team's heap,
    or for the grids to keep. nanoseconds: what each block took, 0 where it is not done. broken:
    those in which somebody wrote behind what was claimed, if the build has guards.
    """

    outcomes: list[Outcome]
    no_room: list[Block]
    no_grids: list[Block]
    nanoseconds: np.ndarray
    broken: list[Block] = field(default_factory=list)


def read(launch: Launch, results: np.ndarray, grids: np.ndarray) -> LaunchResults:
    """Read off the results, words from `launch.work` on, and grids, from `launch.grids` on."""
    begin = launch.work
    table = launch.table_in(results, begin)
    at = int(launch.words[launch.work + fields.W_TABLE]) - begin + table.size
    found = LaunchResults([], [], [], results[at : at + len(table)].copy())
    for k, (block, solvers) in enumerate(zip(launch.blocks, launch.solvers, strict=True)):
        state = int(table[k, fields.B_DONE])
        if state == 0:
            found.no_room.append(block)
            continue
        if state == BROKEN:
            found.broken.append(block)
            continue
        if state == fields.NO_GRIDS:
            found.no_grids.append(block)
            continue
        outcome = outcome_in(results, begin, block, solvers, table[k])
        if launch.keep != "none":
            codes = outcome.verdicts
            at = int(table[k, fields.B_GRIDS]) - begin
            places = results[at : at + codes.size].reshape(codes.shape)
            kept = codes >= 0 if launch.keep == "all" else codes == WRONG
            for i, lane in zip(*np.nonzero(kept), strict=True):
                grid = grid_at(grids, int(places[i, lane]) - launch.grids)
                outcome.grids[int(i), int(lane)] = grid
        found.outcomes.append(outcome)
    return found
