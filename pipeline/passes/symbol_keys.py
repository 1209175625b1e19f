"""Keys of symbols: what is the same for symbols of which a statement makes the same."""

from __future__ import annotations

from typing import Any, Final

from pipeline.ir.graph import Const, Node
from pipeline.passes.environment import Maybe
from pipeline.passes.intern import Generations
from pipeline.passes.symbols import UNASKED, Bundle, Choice, Encoded, Function, Poison

MOST_KEYS: Final = 50_000
KEYS: Final = Generations(MOST_KEYS)
"""For what a function or a container of functions is made of what stands for it: parts can be
shared many times over, so a key must not hold those of its parts.
"""


def key_of(symbol: Any) -> Any:
    """What is the same for symbols of which the same comes, whatever functions were made before
    them; None where that can't be told.
    """
    if symbol.__class__ is not Function and symbol.__class__ is not Bundle:
        return symbol
    if symbol.key is UNASKED:
        symbol.key = _made_key(symbol)
    return symbol.key


def symbol_key(symbol: Any) -> Any:
    """What a variable's value is in a key; None where it can be in none."""
    kind = symbol.__class__
    if kind is Node or kind is Const:
        return symbol
    return None if kind is Poison or kind is Maybe else key_of(symbol)


def is_lasting(symbol: Any, seen: set[int] | None = None) -> bool:
    """Whether a symbol may outlive its program: a function that is written out does not.

    A part that is there twice is looked at once (`seen`).
    """
    if isinstance(symbol, Function):
        return key_of(symbol) is not None
    seen = set() if seen is None else seen
    if id(symbol) in seen:
        return True
    seen.add(id(symbol))
    if isinstance(symbol, Bundle | Choice):
        return all(is_lasting(item, seen) for item in symbol.items)
    return not isinstance(symbol, Encoded) or is_lasting(symbol.template, seen)


def _made_key(symbol: Function | Bundle) -> Any:
    head: Any
    if isinstance(symbol, Function):
        if symbol.row is not None:
            return symbol.row
        head, parts = symbol.invoke, symbol.parts
    elif symbol.is_set and len(symbol.items) > 1:
        return None
    else:
        head, parts = symbol.is_set, symbol.items
    key = head, *[key_of(part) for part in parts]
    if None in key or _are_twins(key[1:], parts):
        return None
    found = KEYS.get(key)
    if found is None:
        found = object()
        KEYS.put(key, found)
    return found


def _are_twins(keys: tuple[Any, ...], parts: tuple[Any, ...]) -> bool:
    """Whether some of the parts are functions that were built alike and are not the same."""
    built = {
        id(part): key for key, part in zip(keys, parts, strict=True) if key.__class__ is object
    }
    return len(set(built.values())) < len(built)
