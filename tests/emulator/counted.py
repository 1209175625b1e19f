"""Counts in a kernel's code: about how many instructions of a GPU a thread spends, and its loads.

Each run of instructions without a jump adds to one word, which `fibres` hands over at barriers.
What an instruction of LLVM's language is worth in those of a device is a guess, from what 64 bits
take on a machine of 32: see `WEIGHTS`.
"""

from __future__ import annotations

import re
from typing import Final

SPENT: Final = "emulated_spent"
"""Where it is counted: loads in the upper 32 bits, below them halves of instructions."""

LOADS_FROM: Final = 32

WEIGHTS: Final = {
    **dict.fromkeys(("add", "sub", "and", "or", "xor", "icmp", "select"), (1.0, 2.0)),
    **dict.fromkeys(("getelementptr", "shl", "lshr", "ashr"), (1.0, 2.0)),
    **dict.fromkeys(("sdiv", "srem", "udiv", "urem"), (20.0, 60.0)),
    **dict.fromkeys(("zext", "sext", "trunc", "freeze"), (0.5, 0.5)),
    **dict.fromkeys(("load", "store"), (2.0, 2.0)),
    **dict.fromkeys(("call", "tail", "atomicrmw"), (12.0, 12.0)),
    **dict.fromkeys(("ret", "switch"), (4.0, 4.0)),
    "mul": (1.0, 4.0),
    "br": (1.5, 1.5),
}
"""What an instruction is worth on words of 32 bits, and of 64; 1 if it is not here."""

_SMALL_CALL: Final = 4.0
"""What the least and the greatest of two words are worth, and the like."""

_LABEL: Final = re.compile(r'^(?:"[^"]+"|[\w.$-]+):')
_RESULT: Final = re.compile(r"^%\S+ = ")
_ADD: Final = """\
  %spent.{k}.a = load i64, ptr @{spent}
  %spent.{k}.b = add i64 %spent.{k}.a, {amount}
  store i64 %spent.{k}.b, ptr @{spent}"""


def with_counts(text: str) -> str:
    """A module's text whose functions count what they spend."""
    found: list[str] = []
    number, at, amount = 0, -1, 0
    for line in [*text.split("\n"), ""]:
        is_label = at >= 0 and _LABEL.match(line) is not None
        if at >= 0 and (is_label or line.startswith("}")):
            if amount:
                found.insert(at, _ADD.format(k=number, spent=SPENT, amount=amount))
                number += 1
            at = -1
        if is_label or line.startswith("define "):
            at, amount = len(found) + 1, 0
        elif at >= 0:
            amount += _amount(line)
            if " = phi " in line:
                at = len(found) + 1
        found.append(line)
    return "\n".join([*found, f"@{SPENT} = external global i64", ""])


def _amount(line: str) -> int:
    """What a line adds."""
    if not line.startswith("  ") or line[2:3] in (" ", "]", ""):
        return 0  # a table of jumps, or nothing
    instruction = _RESULT.sub("", line.strip())
    operation = instruction.split(" ", 1)[0]
    is_wide = " i64" in instruction or "ptr" in instruction
    weight = WEIGHTS.get(operation, (1.0, 1.0))[is_wide]
    if operation in ("call", "tail") and re.search(r"@llvm\.[su](?:min|max|cmp)", instruction):
        weight = _SMALL_CALL
    return (int(operation == "load") << LOADS_FROM) + round(2 * weight)
