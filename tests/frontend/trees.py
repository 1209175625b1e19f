"""A program as a compact text, to compare with what is expected of the parser."""

from __future__ import annotations

from typing import Any

from pipeline.frontend.program import (
    Assign,
    Assigned,
    Builtin,
    Call,
    Clause,
    Comprehension,
    Conditional,
    For,
    If,
    Jump,
    Lambda,
    Literal,
    Logic,
    Program,
    Rest,
    Return,
    SetLiteral,
    TupleLiteral,
    Variable,
    While,
)


def tree_of(program: Program) -> list[str]:
    """A line for each statement: words of the table begin with a dot, what has no name is alone."""
    return [
        f"{s.target} = {text(s.value)}" if s.target else text(s.value) for s in program.statements
    ]


def text(value: Any) -> str:
    """One expression, or one part of a block."""
    writer = WRITERS.get(type(value))
    return writer(value) if writer else f"<{type(value).__name__}>"


def each(values: Any, apart: str = ", ") -> str:
    """Several of them."""
    return apart.join(map(text, values))


def target(value: Any) -> str:
    """What is assigned to."""
    if isinstance(value, Rest):
        return f"*{value.name}"
    if isinstance(value, str):
        return value or "_"
    return f"[{', '.join(map(target, value))}]"


def block(value: Any) -> str:
    """The parts of a block."""
    return f"{{{each(value, '; ')}}}"


def _lambda(value: Lambda) -> str:
    plain = value.parameters[: len(value.parameters) - len(value.defaults)]
    given = zip(value.parameters[len(plain) :], value.defaults, strict=True)
    parameters = ", ".join([*plain, *(f"{name}={text(default)}" for name, default in given)])
    more = sorted(value.assigned - set(value.parameters))
    own = f"[{', '.join(more)}]" if more else ""
    return f"def {value.name}({parameters}){own} {block(value.body)}"


def _comprehension(value: Comprehension) -> str:
    default = f" else {text(value.default)}" if value.default is not None else ""
    return f"{value.kind}({text(value.element)} {each(value.clauses, ' ')}{default})"


def _clause(value: Clause) -> str:
    tests = "".join(f" if {text(test)}" for test in value.conditions)
    return f"for {target(value.target)} in {text(value.container)}{tests}"


def _loop(head: str, value: For | While) -> str:
    otherwise = f" else {block(value.otherwise)}" if value.otherwise else ""
    return f"{head} {block(value.body)}{otherwise}"


def _if(value: If) -> str:
    otherwise = f" else {block(value.otherwise)}" if value.otherwise else ""
    return f"if {text(value.test)} {block(value.then)}{otherwise}"


WRITERS: dict[type, Any] = {
    Variable: lambda v: v.name,
    Literal: lambda v: repr(v.value),
    Builtin: lambda v: f".{v.row.name}",
    Call: lambda v: f"{text(v.function)}({each(v.arguments)})",
    TupleLiteral: lambda v: f"({each(v.elements)}{',' if len(v.elements) == 1 else ''})",
    SetLiteral: lambda v: f"{{{each(v.elements)}}}",
    Lambda: _lambda,
    Conditional: lambda v: f"({text(v.chosen)} if {text(v.test)} else {text(v.other)})",
    Logic: lambda v: f"({each(v.operands, ' and ' if v.is_and else ' or ')})",
    Assigned: lambda v: f"({v.name} := {text(v.value)})",
    Clause: _clause,
    Comprehension: _comprehension,
    Assign: lambda v: f"{target(v.target)} = {text(v.value)}" if v.target else text(v.value),
    If: _if,
    For: lambda v: _loop(f"for {target(v.target)} in {text(v.container)}", v),
    While: lambda v: _loop(f"while {text(v.test)}", v),
    Return: lambda v: f"return {text(v.value)}",
    Jump: lambda v: "break" if v.is_break else "continue",
}
