"""Stand-in with the final interface; the linker replaces its body."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Linked:
    """The battery: `code` is batt.py, `link_map` (JSON text) maps its nodes back to each solver's."""

    code: str
    link_map: str


def link(modules: Iterable[tuple[str, str]]) -> Linked:
    """Link generated solvers, given as (name, code) in any order, into one battery."""
    return Linked("\n".join(f"# {name}\n{code}" for name, code in sorted(modules)), "{}")
