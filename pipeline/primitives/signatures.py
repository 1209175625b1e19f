"""The signatures of rows: the text of an overload, and the types in it, functions' too."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.ir.types import Type, parse_type


@dataclass(frozen=True, slots=True)
class FunctionType:
    """The type of a function value, `(a b -> c)`, or of a container of them, `Tuple[(a -> b)]`."""

    parameters: tuple[Type | FunctionType, ...]
    result: Type | FunctionType
    text: str
    head: str = "Function"


@dataclass(frozen=True, slots=True)
class Signature:
    """One overload: its parameters' types, its result's type, and its text."""

    parameters: tuple[Type | FunctionType, ...]
    result: Type | FunctionType
    text: str


def parse_signature(text: str) -> Signature:
    """Read `Set[a] (a -> Boolean) -> Set[a]`; raises ValueError if it is no signature."""
    parts = _split(text)
    if parts[-2:-1] != ["->"]:
        raise ValueError(f"not a signature: {text!r}")
    return Signature(tuple(_part(p) for p in parts[:-2]), _part(parts[-1]), text)


def _part(text: str) -> Type | FunctionType:
    if text.startswith("(") and "->" in text:
        inner = parse_signature(text[1:-1])
        return FunctionType(inner.parameters, inner.result, text)
    if "->" in text:
        head, element = text[:-1].split("[", 1)
        return FunctionType((), _part(element), text, head)
    return parse_type(text)


def _split(text: str) -> list[str]:
    """Split at the spaces outside brackets."""
    parts, depth, start = [""], 0, False
    for c in text:
        depth += (c in "([") - (c in ")]")
        if c == " " and depth == 0:
            start = True
            continue
        if start:
            parts.append("")
            start = False
        parts[-1] += c
    return parts
