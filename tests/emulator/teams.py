"""A launch: team after team, each thread going on to its next barrier in turn.

Written in the subset that Numba compiles, as row functions are. What must not happen ends a launch:
see `FAULTS`. With guards on, what is taken from a heap is followed by words that nobody may write:
they are put behind what a thread claims, and at a barrier behind what a team took without a claim;
new ones are looked at from barrier to barrier, and all of them when the heap is used anew.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from llvmlite import binding, ir
from numba import njit, types
from numba.extending import intrinsic

from pipeline.kernels import jit
from pipeline.kernels.heap import END, TOP
from pipeline.kernels.instruction import W_HEAP_WORDS, W_HEAPS
from pipeline.kernels.processor import PROCESSOR
from pipeline.system.atomic import write_atomic
from tests.emulator.counted import LOADS_FROM

RUN: Final = "emulated_run"
CLAIM: Final = "emulated_claim"
SWITCH: Final = "emulated_switch"
MOST_THREADS: Final = 1024
WARP: Final = 32
STACK_WORDS: Final = 1 << 14
KEPT_WORDS: Final = 6
"""How many words a switch keeps on a stack, below the address at which it goes on."""

# -- the record of a launch

THREAD: Final = 0
TEAM: Final = 1
BLOCK: Final = 2
BLOCKS: Final = 3
HEAP: Final = 4
WORK: Final = 5
GUARDS: Final = 6
STACK: Final = 7
"""Where the stacks begin."""
SCHEDULER: Final = 8
"""The stack of what chooses the next thread."""
FIRST: Final = 9
"""Where a fibre begins."""
KERNEL: Final = 10
ORDER: Final = 11
SEED: Final = 12
MOST_GUARDS: Final = 13
"""How many there is room for, 0 where none are wanted."""
GUARD_COUNT: Final = 14
LOOKED_AT: Final = 15
LAST_TOP: Final = 16
ROUNDS: Final = 17
CLAIMS: Final = 18
PLACE: Final = 19
"""Where it is that something must not happen: a word of the heap, or a thread."""
ONLY: Final = 20
"""The address of a kernel to run by itself, in a heap that begins at place 0, on as many
instructions as COUNT says, which are listed at WORK; 0 for the main kernel."""
COUNT: Final = 21
AMOUNT: Final = 22
"""What a thread spent since the barrier before: see `counted`."""
INSTRUCTIONS: Final = 23
LOADS: Final = 24
"""What the thread spent that spent most between two barriers, from barrier to barrier, in halves of
an instruction and in loads."""
ISSUED: Final = 25
"""The same as INSTRUCTIONS, of each warp by itself, together."""
STACKS: Final = 32
"""A word for each thread: its stack; behind them the barrier at which it waits, by who called what
called it, 0 once it has ended; behind these the threads in the order in which they go on, and what
each spent."""
SITES: Final = STACKS + MOST_THREADS
TURNS: Final = SITES + MOST_THREADS
AMOUNTS: Final = TURNS + MOST_THREADS
RECORD_WORDS: Final = AMOUNTS + MOST_THREADS

FAULTS: Final = {
    1: "threads of a team wait at different barriers",
    2: "threads have ended for which others wait",
    3: "a guard word behind a claim is overwritten",
    4: "a thread's stack is too small",
}
APART, ENDED_APART, GUARD, SMALL_STACK = FAULTS

ASCENDING, DESCENDING, RANDOM = range(3)
"""In which order threads go on."""

GUARD_WORDS: Final = 4
PATTERN: Final = 0x5BD1E995A7C3F00D
CANARY: Final = 0x0DD0C0DE0DD0C0DE

_compiled: Final = njit(error_model="numpy", boundscheck=False, no_cpython_wrapper=True)


@intrinsic
def _switch(typing_context, kept, to):  # type: ignore[no-untyped-def]
    """Keep this stack at an address, and go on with another one."""

    def build(context, builder, signature, args):  # type: ignore[no-untyped-def]
        pointer = ir.IntType(64).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer, ir.IntType(64)])
        switch = builder.module.globals.get(SWITCH)
        if switch is None:
            switch = ir.Function(builder.module, kind, SWITCH)
        builder.call(switch, [builder.inttoptr(args[0], pointer), args[1]])
        return context.get_dummy_value()

    return types.none(types.int64, types.int64), build


@intrinsic
def _words(typing_context, address):  # type: ignore[no-untyped-def]
    """The words at an address."""

    def build(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

    return jit.WORDS(types.int64), build


@intrinsic
def _address(typing_context, words):  # type: ignore[no-untyped-def]
    """The address of words."""

    def build(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.ptrtoint(args[0], ir.IntType(64))

    return types.int64(jit.WORDS), build


@_compiled
def _state_of(s, heap):  # type: ignore[no-untyped-def]
    """Where the state of this block's team begins."""
    if s[ONLY] != 0:
        return 0
    work = s[WORK]
    return heap[work + W_HEAPS] + s[BLOCK] * heap[work + W_HEAP_WORDS]


@_compiled
def _guard(s, heap, guards, place):  # type: ignore[no-untyped-def]
    """Put guard words at a place."""
    for k in range(GUARD_WORDS):
        heap[place + k] = PATTERN + k
    guards[s[GUARD_COUNT]] = place
    s[GUARD_COUNT] += 1


@_compiled
def _forget(s, guards, top):  # type: ignore[no-untyped-def]
    """Forget guards that stand in memory that was given back."""
    while s[GUARD_COUNT] > 0 and guards[s[GUARD_COUNT] - 1] >= top:
        s[GUARD_COUNT] -= 1
    if s[LOOKED_AT] > s[GUARD_COUNT]:
        s[LOOKED_AT] = s[GUARD_COUNT]


def claim(s, heap, guards, at, amount):  # type: ignore[no-untyped-def]
    """Add to a word, which gives what it was before; to the top of a heap, with a guard behind."""
    before = heap[at]
    heap[at] = before + amount
    state = _state_of(s, heap)
    if at == state + TOP:
        s[CLAIMS] += 1
        _forget(s, guards, before)
        behind = before + amount
        room = heap[state + END] - behind - GUARD_WORDS
        if room > 0 and s[GUARD_COUNT] < s[MOST_GUARDS]:
            _guard(s, heap, guards, behind)
            heap[at] = behind + GUARD_WORDS
        s[LAST_TOP] = heap[at]
    return before


@_compiled
def _look(s, heap, guards, first):  # type: ignore[no-untyped-def]
    """Whether the guards from one on are as they were put; those that are free again are not
    looked at.
    """
    for number in range(first, s[GUARD_COUNT]):
        for k in range(GUARD_WORDS):
            if heap[guards[number] + k] != PATTERN + k:
                s[PLACE] = guards[number] + k
                return False
    s[LOOKED_AT] = s[GUARD_COUNT]
    return True


@_compiled
def _guards_stand(s, heap, guards):  # type: ignore[no-untyped-def]
    """At a barrier: look at the guards, and put one behind what was taken without a claim."""
    if s[MOST_GUARDS] == 0:
        return True
    state = _state_of(s, heap)
    top = heap[state + TOP]
    first = 0 if top < s[LAST_TOP] else s[LOOKED_AT]
    if top < s[LAST_TOP] and s[TEAM] == 1:  # a single thread gives back what it does not need
        _forget(s, guards, top)
    if not _look(s, heap, guards, first):
        return False
    _forget(s, guards, top)
    room = heap[state + END] - top - GUARD_WORDS
    if top > s[LAST_TOP] and room > 0 and s[GUARD_COUNT] < s[MOST_GUARDS]:
        _guard(s, heap, guards, top)
        heap[state + TOP] = top + GUARD_WORDS
    s[LAST_TOP] = heap[state + TOP]
    return True


@_compiled
def _set_out(s):  # type: ignore[no-untyped-def]
    """Give each thread an empty stack, from which its switch returns to where fibres begin."""
    for thread in range(s[TEAM]):
        words = _words(s[STACK] + 8 * STACK_WORDS * thread)
        words[0] = CANARY
        top = STACK_WORDS - 3  # an odd place: so the convention aligns a stack where code begins
        words[top] = 0
        words[top - 1] = s[FIRST]
        for k in range(KEPT_WORDS):
            words[top - 2 - k] = 0
        s[STACKS + thread] = s[STACK] + 8 * (STACK_WORDS * thread + top - 1 - KEPT_WORDS)
        s[TURNS + thread] = thread


@_compiled
def _choose_turns(s):  # type: ignore[no-untyped-def]
    """The order of the next round."""
    team = s[TEAM]
    if s[ORDER] == DESCENDING:
        for k in range(team):
            s[TURNS + k] = team - 1 - k
    if s[ORDER] == RANDOM:
        for k in range(team - 1, 0, -1):
            s[SEED] = s[SEED] * 6364136223846793005 + 1442695040888963407
            other = ((s[SEED] >> 33) & 0x7FFFFFFF) % (k + 1)
            turn = s[TURNS + k]
            s[TURNS + k] = s[TURNS + other]
            s[TURNS + other] = turn


@_compiled
def _count(s):  # type: ignore[no-untyped-def]
    """Count what threads spent since the barrier before."""
    longest = loads = 0
    for first in range(0, s[TEAM], WARP):
        longest_here = 0
        for thread in range(first, min(first + WARP, s[TEAM])):
            longest_here = max(longest_here, s[AMOUNTS + thread] & ((1 << LOADS_FROM) - 1))
            loads = max(loads, s[AMOUNTS + thread] >> LOADS_FROM)
        s[ISSUED] += longest_here
        longest = max(longest, longest_here)
    s[INSTRUCTIONS] += longest
    s[LOADS] += loads


@_compiled
def _round(s):  # type: ignore[no-untyped-def]
    """Let each thread go on to its next barrier; gives how many have ended, or minus a fault."""
    ended = 0
    site = 0
    is_apart = False
    for k in range(s[TEAM]):
        thread = s[TURNS + k]
        s[THREAD] = thread
        _switch(_address(s) + 8 * SCHEDULER, s[STACKS + thread])
        s[AMOUNTS + thread] = s[AMOUNT]
        if _words(s[STACK] + 8 * STACK_WORDS * thread)[0] != CANARY:
            s[PLACE] = thread
            return -SMALL_STACK
        if s[SITES + thread] == 0:
            ended += 1
        elif site == 0:
            site = s[SITES + thread]
        elif site != s[SITES + thread]:
            s[PLACE] = thread
            is_apart = True
    s[ROUNDS] += 1
    _count(s)
    if ended != 0 and ended != s[TEAM]:
        return -ENDED_APART
    return -APART if is_apart else ended


def run(s, heap, guards):  # type: ignore[no-untyped-def]
    """Run a launch; gives which fault it came to, 0 for none."""
    for block in range(s[BLOCKS]):
        s[BLOCK] = block
        s[GUARD_COUNT] = s[LOOKED_AT] = 0
        s[LAST_TOP] = 1 << 62
        _set_out(s)
        ended = 0
        while ended == 0:
            _choose_turns(s)
            ended = _round(s)
            if ended < 0:
                return -ended
            if not _guards_stand(s, heap, guards):
                return GUARD
    return 0


def objects(folder: Path) -> list[bytes]:
    """The object files of `run` and `claim`, kept in a folder of kernels."""
    # Numba links each function that it compiles, though none of these runs before it is loaded.
    binding.add_symbol(SWITCH, binding.address_of_symbol("calloc") or 1)
    digest = hashlib.sha256(Path(__file__).read_bytes() + PROCESSOR.text)
    place = folder / f"teams-{digest.hexdigest()[:20]}"
    words = jit.WORDS
    made: dict[str, tuple[Any, tuple[Any, ...]]] = {
        RUN: (run, (words, words, words)),
        CLAIM: (claim, (words, words, words, types.int64, types.int64)),
    }
    found = []
    for symbol, (function, arguments) in made.items():
        file = place.with_name(f"{place.name}-{symbol}.o")
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(file, jit.object_code(symbol, function, types.int64, arguments))
        found.append(file.read_bytes())
    return found
