"""Templates: the instructions of one line of a program, with holes for what it is applied to.

A line is lowered with its slots and its operands in places far from each other and from any other
number: how large a word is says which of them it depends on, and how many times. So nothing here
knows how kernels read their instructions.
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

_SLOTS: Final = 1 << 32
"""The first of a line's slots; what it lists of its effects is twice a slot, or one more."""
_APART: Final = 1 << 40
"""How far apart its operands are."""


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
    low = Lowering(grouped=False, slots=_SLOTS, literals=(constants.words, constants.places))
    for k, found in enumerate(leaves, 1):
        low.put(found, k * _APART)
    low.numbers_of(nodes)
    table, words = _words_of(low)
    relocations = _relocated(words, len(table))
    at = low.place_of(result)
    listed = [2 * (low.place_of(e) - _SLOTS) + (e.type is None) for e in effects if e is not result]
    head = np.zeros(bank.T_HEAD, np.int64)
    head[bank.T_COUNT] = len(table)
    head[bank.T_WORDS] = len(words)
    head[bank.T_RELOCATIONS] = len(relocations)
    head[bank.T_EFFECTS] = len(listed)
    head[bank.T_RESULT] = at - _SLOTS if at < _APART else -(at // _APART)
    head[bank.T_TYPE] = type_number
    names = list(low.kernels)
    kernels = tuple([names[code] for code in table[:, CODE].tolist()])
    return Template(
        kernels,
        low.slots - _SLOTS,
        np.concatenate([head, words, relocations.ravel(), np.array(listed, np.int64)]),
    )


def _words_of(low: Lowering) -> tuple[np.ndarray, np.ndarray]:
    """The table of instructions, and the words of a template's code: the instructions, without the
    numbers of their kernels, and what they list.
    """
    table = low.table()
    plain = table.copy()
    plain[:, CODE] = 0
    plain[:, EXTRAS] += plain.size
    return table, np.concatenate([plain.ravel(), np.array(low.extras, np.int64)])


def _relocated(words: np.ndarray, count: int) -> np.ndarray:
    """What words of code depend on, a row PLACE WHAT FACTOR each, of so many instructions; what
    they are besides is left in the words.
    """
    places = np.flatnonzero(words >= _SLOTS)
    values = words[places]
    is_operand = values >= _APART
    factor = np.where(is_operand, 1, values // _SLOTS)
    words[places] = np.where(is_operand, 0, values - factor * _SLOTS)
    found = np.empty((len(places) + count, 3), np.int64)
    own, code = found[: len(places)], found[len(places) :]
    own[:, 0], own[:, 2] = places, factor
    own[:, 1] = np.where(is_operand, values // _APART - 1, bank.R_SLOT)
    code[:] = 0, bank.R_CODE, 1
    code[:, 0] = np.arange(count) * STRIDE + EXTRAS
    return found
