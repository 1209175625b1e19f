"""What of its file a solver uses: functions, constants, other solvers, also through others.

Found by the words of texts, as Python's parser would take longer than all else that is done to a
file of 20,000 solvers; a word too many only means that the solver is made again where that changes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pipeline.frontend.margin import Start

_WORDS: Final = re.compile(
    r"#[^\n]*|'''[\s\S]*?'''|\"\"\"[\s\S]*?\"\"\"|'[^'\n]*'|\"[^\"\n]*\"|([^\W\d]\w*)"
)


def words_of(text: str) -> set[str]:
    """The words of a text, comments and strings aside."""
    return set(_WORDS.findall(text)) - {""}


class Sharing:
    """The texts of a file's statements, and who uses which of them.

    used: the places of those that some solver uses.
    """

    def __init__(self, lines: Sequence[str], starts: Sequence[Start]) -> None:
        ends = [*(start.line for start in starts[1:]), len(lines)]
        self.texts = [
            "\n".join(lines[start.line : end]) + "\n"
            for start, end in zip(starts, ends, strict=False)
        ]
        self.used: set[int] = set()
        self._starts = starts
        self._of_name: dict[str, list[int]] = {}
        for k, start in enumerate(starts):
            for name in start.names:
                self._of_name.setdefault(name, []).append(k)
        self._has_others = any(not start.ident for start in starts if start.names)
        self._known: dict[int, list[int]] = {}

    def of(self, place: int) -> tuple[tuple[int, str], ...]:
        """The statements that a solver uses, in their order, each with its first line, from 1."""
        text = self.texts[place]
        if not self._has_others and text.count("solve") + text.count("verify") <= 1:
            return ()
        found: set[int] = set()
        waiting = [place]
        for k in waiting:
            for other in self._direct(k):
                if other not in found and other != place:
                    found.add(other)
                    waiting.append(other)
        self.used |= found
        return tuple([(self._starts[k].line + 1, self.bare(k)) for k in sorted(found)])

    def bare(self, place: int) -> str:
        """The text of a statement without the comments and blank lines behind it."""
        return _bare(self.texts[place])

    def _direct(self, place: int) -> list[int]:
        """The statements whose names stand in the text of this one."""
        known = self._known.get(place)
        if known is None:
            words = words_of(self.texts[place]) & self._of_name.keys()
            known = self._known[place] = [k for w in words for k in self._of_name[w] if k != place]
        return known


def _bare(text: str) -> str:
    """The text without the comments and blank lines behind it."""
    lines = text.split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    return "\n".join(lines) + "\n"
