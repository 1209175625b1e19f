"""The structural operations on the CPU: domains, closers, selections, loops, verdicts.

What each means is told by `oracle.reference`; here is the same on columns of words. A kernel gets
instructions of its operation, as the loops of rows do (see `loops`); what differs within a kernel
is the instruction's mode.

Effects, and the items of a packed container, are listed in the heap: a count, then for an effect
twice its slot, plus one where it is a domain; for an item its argument.
"""

from __future__ import annotations

from typing import Final

from pipeline.kernels.structure import closers, domains, ends, turns, values

KERNELS: Final = (
    *(domains.open_domains, domains.spread, domains.item),
    *(closers.close, closers.first_match, closers.select),
    *(turns.loop_enter, turns.loop_test, turns.loop_end),
    *(values.pack, values.convert, ends.inputs, ends.train_pairs, ends.verdict),
)
"""All structural kernels."""
