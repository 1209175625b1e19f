"""What is written in a solver where a row stands for it that has no name there: operators,
subscripts, functions of Python.
"""

from __future__ import annotations

from typing import Final


def _binary(symbol: str) -> tuple[str, ...]:
    return f"`{symbol}`", f"the left of `{symbol}`", f"the right of `{symbol}`"


def _parts(whole: str, *names: str) -> tuple[str, ...]:
    return f"`{whole}`", *(f"{name} in `{whole}`" for name in names)


WRITTEN: Final[dict[str, tuple[str, ...]]] = {
    "plus": _binary("+"),
    "minus": _binary("-"),
    "times": _binary("*"),
    "negative": _parts("-x", "x"),
    "quotient": _binary("//"),
    "remainder": _binary("%"),
    "raised": _binary("**"),
    "both_bits": _binary("&"),
    "either_bits": _binary("|"),
    "one_bit": _binary("^"),
    "equal": _binary("=="),
    "unequal": _binary("!="),
    "is_missing": _parts("x is None", "x"),
    **dict.fromkeys(("is_boolean", "sure_boolean"), _parts("x is True", "x")),
    "less": _binary("<"),
    "less_equal": _binary("<="),
    "exceeds": _binary(">"),
    "greater_equal": _binary(">="),
    "contains": _binary("in"),
    "within": _binary("in"),
    "negation": _parts("not x", "x"),
    "require": _parts("assert x", "x"),
    "at": _parts("x[k]", "x", "k"),
    "cut": _parts("x[a:b:c]", "x", "a", "b", "c"),
    "put_at": _parts("x[k] = v", "x", "k", "v"),
    "as_dict": _parts("d[k] = v", "d"),
    "unpacked": _parts("a, b = x", "x"),
    "unpacked_most": _parts("a, *b = x", "x"),
    "train_pairs": ("the task's train pairs",),
    "truth": ("a condition", "a condition"),
    "misfit": ("an operation",),
    "magnitude": ("`abs`",),
    "as_integer": ("`int`",),
    "as_boolean": ("`bool`",),
    **dict.fromkeys(("sum_of", "sum_from"), ("`sum`",)),
    "any_of": ("`any`",),
    "all_of": ("`all`",),
    "as_tuple": ("`tuple`",),
    "as_set": ("`set`",),
    "reversed_of": ("`reversed`",),
    **dict.fromkeys(("numbered", "numbered_from"), ("`enumerate`",)),
    "range_of": ("`range`",),
    **dict.fromkeys(("zipped", "transposed"), ("`zip`",)),
    **dict.fromkeys(("max_of", "max_of_by", "max_or", "max_or_by"), ("`max`",)),
    **dict.fromkeys(("min_of", "min_of_by", "min_or", "min_or_by"), ("`min`",)),
    **dict.fromkeys(("sorted_of", "sorted_by", "sorted_down", "sorted_down_by"), ("`sorted`",)),
}
"""For each row what stands for it as a whole, and its arguments where they have better names than
their numbers."""


def written(name: str) -> str:
    """What a row is called in messages: its name, or what is written for it."""
    return WRITTEN.get(name, (name,))[0]


def written_argument(name: str, number: int, whole: str = "") -> str:
    """What an argument of a row, from 0, is called that has no name of its own; whole: what is
    written for the row, where that is known.
    """
    parts = WRITTEN.get(name, ())[1:]
    if number < len(parts) and not whole:
        return parts[number]
    return f"argument {number + 1} of {whole or written(name)}"
