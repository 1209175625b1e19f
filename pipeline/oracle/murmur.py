"""MurmurHash3 (x86, 128 bits) of any bytes, written apart from the one in machine code, which
`kernels.scoring` has.
"""

from __future__ import annotations

import struct

MASK = 0xFFFFFFFF
FACTORS = (0x239B961B, 0xAB0E9789, 0x38B34AE5, 0xA1E38B93)
TURNS = (15, 16, 17, 18)
STATE_TURNS = (19, 17, 15, 13)
ADDED = (0x561CCD1B, 0x0BCAA747, 0x96CD1C35, 0x32AC3B17)


def murmur3_x86_128(data: bytes, seed: int = 0) -> bytes:
    """The hash as its 16 bytes."""
    state = [seed] * 4
    whole = len(data) // 16 * 16
    for block in struct.iter_unpack("<4I", data[:whole]):
        for k, word in enumerate(block):
            state[k] ^= _scrambled(word, k)
            state[k] = (_turned(state[k], STATE_TURNS[k]) + state[(k + 1) % 4]) & MASK
            state[k] = (5 * state[k] + ADDED[k]) & MASK
    for k in range(whole, len(data), 4):
        word = int.from_bytes(data[k : k + 4], "little")
        state[(k - whole) // 4] ^= _scrambled(word, (k - whole) // 4)
    state = _summed([word ^ len(data) for word in state])
    return struct.pack("<4I", *_summed([_final(word) for word in state]))


def grid_hash(grid: tuple[tuple[int, ...], ...]) -> tuple[int, int]:
    """The hash of a grid (see `kernels.scoring`), as two unsigned words."""
    cells = [cell for row in grid for cell in row]
    data = struct.pack(f"<{2 + len(cells)}i", len(grid), len(grid[0]) if grid else 0, *cells)
    low, high = struct.unpack("<2Q", murmur3_x86_128(data))
    return low, high


def _scrambled(word: int, k: int) -> int:
    word = _turned(word * FACTORS[k] & MASK, TURNS[k])
    return word * FACTORS[(k + 1) % 4] & MASK


def _turned(word: int, bits: int) -> int:
    return (word << bits | word >> (32 - bits)) & MASK


def _summed(state: list[int]) -> list[int]:
    first = sum(state) & MASK
    return [first, *((word + first) & MASK for word in state[1:])]


def _final(word: int) -> int:
    word = (word ^ word >> 16) * 0x85EBCA6B & MASK
    word = (word ^ word >> 13) * 0xC2B2AE35 & MASK
    return word ^ word >> 16
