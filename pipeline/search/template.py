"""Templates: the instructions of one line of a program, with holes for what it is applied to.

A line is lowered twice, with its slots and its operands in other places: a word that differs is one
that depends on them, and by how much it differs says on which. So nothing here knows how kernels
read their instructions.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pipeline.engine.lower import Lowering, constant_word
from pipeline.ir.graph import Node
from pipeline.kernels import bank_fields as bank
from pipeline.kernels.instruction import CODE, EXTRAS, STRIDE

_APART: Final = 1_000_000
_OTHER: Final = 64


class ConstantTable:
    """The literals of all templates: operand `-1 - k` is word k."""

    def __init__(self) -> None:
        self.words = array("q")
        self.places: dict[int, int] = {}

    def operand(self, value: Any) -> int:
        """The operand that a literal is."""
        word = constant_word(value)
        if word not in self.places:
            self.places[word] = -1 - len(self.words)
            self.words.append(word)
        return self.places[word]


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A line: its kernels by name, an instruction each, and its words as `kernels.bank` reads them,
    with 0 for where its kernels' code is. slots: how many it uses for itself.
    """

    kernels: tuple[str, ...]
    slots: int
    words: np.ndarray

    @property
    def code_words(self) -> int:
        """How much room its instructions take."""
        return int(self.words[bank.T_WORDS]) + len(self.kernels)


def template_of(
    nodes: Sequence[Node],
    result: Node,
    effects: Sequence[Node],
    leaves: Sequence[Node],
    type_number: int,
    constants: ConstantTable,
) -> Template:
    """The template of these nodes; operand k takes the place of leaf k."""
    first = _lowered(nodes, leaves, constants, 1, 0)
    other = _lowered(nodes, leaves, constants, 2, _OTHER)
    table, words = _words_of(first)
    shift = _words_of(other)[1] - words
    relocations: list[int] = []
    for place in np.flatnonzero(shift).tolist():
        what, factor = _meaning(int(shift[place]))
        words[place] = 0 if what >= 0 else words[place] - factor
        relocations += place, what, factor
    for row in range(len(table)):
        relocations += row * STRIDE + EXTRAS, bank.R_CODE, 1
    at = first.place_of(result)
    listed = [2 * (first.place_of(e) - 1) + (e.type is None) for e in effects if e is not result]
    head = np.zeros(bank.T_HEAD, np.int64)
    head[bank.T_COUNT] = len(table)
    head[bank.T_WORDS] = len(words)
    head[bank.T_RELOCATIONS] = len(relocations) // 3
    head[bank.T_EFFECTS] = len(listed)
    head[bank.T_RESULT] = at - 1 if at < _APART else -(at // _APART)
    head[bank.T_TYPE] = type_number
    names = list(first.kernels)
    kernels = tuple([names[code] for code in table[:, CODE].tolist()])
    return Template(
        kernels,
        first.slots - 1,
        np.concatenate([head, words, np.array([*relocations, *listed], np.int64)]),
    )


def _lowered(
    nodes: Sequence[Node], leaves: Sequence[Node], constants: ConstantTable, begin: int, other: int
) -> Lowering:
    low = Lowering(grouped=False, slots=begin, literals=(constants.words, constants.places))
    for k, found in enumerate(leaves, 1):
        low.put(found, k * (_APART + other))
    low.numbers_of(nodes)
    return low


def _words_of(low: Lowering) -> tuple[np.ndarray, np.ndarray]:
    """The table of instructions, and the words of a template's code: the instructions, without the
    numbers of their kernels, and what they list.
    """
    table = low.table()
    plain = table.copy()
    plain[:, CODE] = 0
    plain[:, EXTRAS] += plain.size
    return table, np.concatenate([plain.ravel(), np.array(low.extras, np.int64)])


def _meaning(shift: int) -> tuple[int, int]:
    """What a word depends on that differs by so much, and how many times."""
    if shift < _OTHER:
        return bank.R_SLOT, shift
    return shift // _OTHER - 1, 1
