"""One expression by itself: its nodes, where its variables are known by their types only.

What a statement makes depends on its expression and on what its variables hold. A search tries the
same expression on many values, so it is resolved once, on *leaves* that stand for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from pipeline.frontend.program import Expression, Program, Statement
from pipeline.ir.graph import Node
from pipeline.ir.types import Type
from pipeline.passes.flatten import Flattening
from pipeline.passes.infer import Inference, Mismatch
from pipeline.passes.intern import Generations, Interned
from pipeline.passes.statements import Statements
from pipeline.passes.symbols import Poison, Stamped, Symbol, Unresolved

LEAF: Final = "leaf"
_MOST_NODES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Resolved:
    """The nodes of an expression, what it came to, and what of them can fail a lane."""

    nodes: tuple[Node, ...]
    result: Symbol
    effects: tuple[Node, ...]


def leaf(name: str, type_: Type) -> Node:
    """What stands for a variable."""
    return Node(LEAF, (name,), None, type_)


def resolve_alone(value: Expression, leaves: Mapping[str, Node]) -> Resolved | None:
    """What an expression comes to; None where its types don't fit, or can't be told here."""
    names = tuple(leaves)
    program = Program("expression", "I", (Statement("return", value, names, ""),), "", (1,))
    sink = Interned(Generations(_MOST_NODES))
    flat = Flattening(sink)
    run = Statements(program, _MOST_NODES, Inference(flat.add), sink, flat)
    run.values.update(leaves)
    run.builder.describe = _misfit
    try:
        run.begin()
        result = run.evaluator.evaluate(value, run.values)
    except (Unresolved, Mismatch, Stamped, RecursionError):
        return None
    except (IndexError, ValueError):
        # A choice among the elements of a container that is known to be empty: `choices` has no
        # form for it. Who makes programs by the million meets it, and is not to end by it.
        return None
    finally:
        wrong = bool(run.found or run.untyped or run.builder.doubts or run.builder.is_wrong)
        run.end()
    if wrong or isinstance(result, Poison):
        return None
    return Resolved(tuple(sink.made), result, flat.effects())


def _misfit(op: str, domain: Node | None, problem: Mismatch) -> NoReturn:
    """In the place of what says what is wrong: it is enough that something is."""
    raise Unresolved("")
