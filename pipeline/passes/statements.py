"""Statements: a program's statements, one after another, run on symbols by `resolve`.

What a statement makes depends on its expression and on what its variables hold, on nothing else.
So a statement is remembered, for all programs of a process, by itself and those symbols: a program
that differs from a known one in a line costs that line, and those behind it that use what it makes.

Only the order in which functions were made is a program's own. Where it matters, in a set of
functions, a program that has functions of others is run again, with all of its own (`Ranked`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final

from pipeline.diagnostics import Diagnostic, Span
from pipeline.frontend.program import (
    Builtin,
    Call,
    Expression,
    Lambda,
    Program,
    Statement,
    TupleLiteral,
    Variable,
    Wrong,
)
from pipeline.frontend.unused import unused_statements
from pipeline.ir.graph import Const, Node, Origin
from pipeline.ir.types import Type
from pipeline.ir.written import WRITTEN, written_argument
from pipeline.passes.bodies import returned
from pipeline.passes.environment import (
    Environment,
    block_of,
    ends_early,
    exposed_in,
    late_names,
)
from pipeline.passes.evaluating import Evaluator, Inside
from pipeline.passes.flatten import Flattening, kept_of
from pipeline.passes.infer import Mismatch
from pipeline.passes.intern import Fresh, Generations, StatementNodes
from pipeline.passes.replaying import (
    RECIPES,
    Example,
    KnownStatement,
    Shapeless,
    follow,
    recipe_of,
    shape_of,
)
from pipeline.passes.resolve import Builder, Layer
from pipeline.passes.symbol_keys import KEYS, is_lasting, symbol_key
from pipeline.passes.symbols import (
    Bundle,
    Choice,
    Encoded,
    Function,
    Poison,
    Symbol,
    Unresolved,
    is_choice_of_data,
)
from pipeline.primitives.table import BY_NAME, TABLE

_ARGUMENT: Final = re.compile(r"(\w+) argument (\d+) '\w+'(?=:)")

MOST_STATEMENTS: Final = 50_000
"""How many statements make a generation."""


def age() -> None:
    """Let go what was not asked for in a long time: see `intern.Generations`."""
    for kept in (STATEMENTS, RUN_BEFORE, RECIPES, KEYS):
        kept.age()


STATEMENTS: Final = Generations(MOST_STATEMENTS)
RUN_BEFORE: Final = Generations(MOST_STATEMENTS)
"""The statements that were run: most lines of new programs never come again, and to look for what
is kept of their kind costs a fifth of what running them does.
"""


_PLAIN: Final = (Node, Const, Function, Bundle, Choice, Encoded)


class Statements:
    """One run of a program: `parts` has, for each statement, its number and the nodes that it asked
    for, each with the expression that first did.

    values: what the variables hold, and keys: what that is in a key, where it can be in one.
    effects: what can fail a lane, so far. found: what `resolve` finds wrong; untyped: the nodes
    that have no type. unheeded: the variables that nobody uses and of which types don't fit.
    """

    def __init__(
        self,
        program: Program,
        most_nodes: int,
        layer: Layer,
        sink: Fresh,
        flat: Flattening | None,
        is_stamped: bool = False,
        widened: Mapping[int, tuple[Type | None, ...]] | None = None,
    ) -> None:
        self.program = program
        self.sink = sink
        self.flat = flat
        self.values = Environment()
        self.keys: dict[str, Any] = {}
        self.effects: list[Node] = []
        self.parts: list[tuple[int, StatementNodes]] = []
        self.found: list[Diagnostic] = []
        self.untyped: list[Diagnostic] = []
        self.builder = Builder(layer, most_nodes, self._described, self.untyped.append, is_stamped)
        self.builder.widened = widened or {}
        self.evaluator = Evaluator(self.builder, sink, program)
        self.builder.written = self._written
        self.number = 0
        self.own = False
        self.unheeded: set[str] = set()

    def run(self, known: Generations | None = None, own: bool = False) -> Symbol | None:
        """The value that the program returns; None where the program is too large.

        known: the statements that were run before; None where each is to be run. own: whether those
        that give functions are to be run all the same. Raises Ranked where they must be.
        """
        self.own = own
        self._set(self.program.parameter, self.builder.node("input"))
        self.parts.append((-1, self.sink.made))
        result: Symbol = Poison()
        for number, statement in enumerate(self.program.statements):
            if known is not None and not self.unheeded:
                found = self._recalled(known, number, statement)
                if found is not None:
                    result = self.values[statement.target] = found.result
                    self._set_key(statement.target, found.key)
                    continue
            self.number = self.evaluator.home = self.evaluator.number = number
            try:
                if not statement.target:
                    ended = self._compound(statement)
                    self._gather_new()
                    if ended is None:
                        continue
                    result = ended
                else:
                    result = self._run_target(statement, known)
                if statement.target in ("return", "") and not is_choice_of_data(result):
                    self.builder.data(result, "the returned value")
            except Unresolved as problem:
                result = Poison()
                self._report(problem)
                if problem.code == "program-too-large":
                    return None
            if not statement.target:
                break
            self._gather_new()
            self._set(statement.target, result)
            if self.evaluator.has_assigned:
                self.evaluator.has_assigned = False
                self._set_keys()
        if isinstance(result, Const):
            message = "a solver returns a grid, got a constant"
            self.found.append(Diagnostic(self._span(), "type-mismatch", message))
        return result

    def _recalled(
        self, known: Generations, number: int, statement: Statement
    ) -> KnownStatement | None:
        """What a statement made that is known, as if it had been run; None if it is to be run."""
        try:
            found = known.get((statement, *map(self.keys.__getitem__, statement.names)))
        except KeyError:
            return None
        if found is None:
            return None
        result, _, made, first, effects, nodes, steps, is_doubtful = found
        builder = self.builder
        if result.__class__ is not Node and result.__class__ is not Const:
            if self.own or statement.target == "return":
                return None
            builder.recalled = True
        nodes += builder.nodes
        steps += builder.steps
        if nodes > builder.most_nodes or steps > builder.most_steps:
            return None
        if is_doubtful and number in self._unused:
            return None
        builder.nodes = nodes
        builder.steps = steps
        self.parts.append((number, made))
        if first is not None:
            self._gather(first, effects)
        return found

    def _set(self, name: str, symbol: Any) -> None:
        """Give a variable its value."""
        self.values[name] = symbol
        self._set_key(name, symbol_key(symbol))

    def _set_keys(self) -> None:
        """Say of all variables what they are in a key."""
        for name, symbol in self.values.items():
            self._set_key(name, symbol_key(symbol))

    def _set_key(self, name: str, key: Any) -> None:
        if key.__class__ is object and self._is_of_another(name, key):
            key = None
        if key is None:
            self.keys.pop(name, None)
        else:
            self.keys[name] = key

    def _is_of_another(self, name: str, key: Any) -> bool:
        """Whether another variable holds a function that was built alike and is not the same."""
        symbol = self.values[name]
        return any(
            known is key and other != name and self.values[other] is not symbol
            for other, known in self.keys.items()
        )

    def _gather(self, first: Node, effects: list[Node]) -> None:
        """Add what can fail a lane behind what there is: see `flatten.kept_of`."""
        if self.effects and self.effects[-1] in first.args:
            self.effects.pop()
        self.effects += effects

    def listed_effects(self) -> tuple[Node, ...]:
        """What of the root can fail the lane; none before the pass `flatten`."""
        self._gather_new()
        return tuple(dict.fromkeys(self.effects))

    def _gather_new(self) -> tuple[Node | None, list[Node]]:
        """Add what was made since: the first of it, and all, as in a KnownStatement."""
        new = [] if self.flat is None else self.flat.fallible[None]
        if self.flat is None or not new:
            return None, new
        effects = kept_of(new)
        self._gather(new[0], effects)
        self.flat.fallible[None] = []
        return new[0], effects

    def end(self) -> None:
        """Let go of the builder, which has this: what is in a circle only Python's collector frees,
        which is not to look at all nodes for it (see `battery.resident`).
        """
        self.evaluator.end()
        del self.builder, self.evaluator

    def _run_target(self, statement: Statement, known: Generations | None) -> Any:
        """Run a statement that has a target; again, where types don't fit and nobody uses it."""
        if self.unheeded and not self.unheeded.isdisjoint(statement.names):
            return self._run_unheeded(statement)
        b = self.builder
        doubts, before = b.doubts, (b.nodes, b.steps, b.is_wrong)
        told = len(self.untyped)
        result = self._run(statement, known)
        if b.doubts == doubts or self.number not in self._unused:
            return result
        b.nodes, b.steps, b.is_wrong = before
        del self.untyped[told:], self.parts[-1:]
        if self.flat is not None:
            self.flat.fallible[None] = []
        return self._run_unheeded(statement)

    def _run_unheeded(self, statement: Statement) -> Any:
        """Run a statement that nobody uses, in a domain of its own, so that types that don't fit
        end it and not the lane.
        """
        if self.number not in self._unused:
            return self._fresh(statement.value)
        self.unheeded.add(statement.target)
        self.begin()
        b = self.builder
        b.is_unheeded = True
        try:
            return b.apart(lambda: self._evaluated(statement.value))
        finally:
            b.is_unheeded = False

    def _evaluated(self, value: Expression) -> Symbol:
        return self.evaluator.evaluate(value, self.values)

    @cached_property
    def _unused(self) -> frozenset[int]:
        return unused_statements(self.program)

    def _run(self, statement: Statement, known: Generations | None) -> Symbol:
        value = statement.value
        if value.__class__ is Variable and self.values[value.name].__class__ in _PLAIN:
            self.sink.mark = None
            return self.values[value.name]
        if value.__class__ is not Call or known is None:
            return self._fresh(value)
        try:
            key = (statement, *map(self.keys.__getitem__, statement.names))
        except KeyError:
            return self._fresh(value)
        leaves: dict[Node, int] = {}
        shape = None
        if RUN_BEFORE.get(statement) is None:
            RUN_BEFORE.put(statement, True)
        else:
            shape = self._shape(statement, leaves)
        found = None if shape is None else self._replayed(shape, leaves)
        if found is not None:
            known.put(key, found)
            return found.result
        builder = self.builder
        doubts, peeks, counts = builder.doubts, builder.peeks, (builder.nodes, builder.steps)
        ranked, builder.ranked = builder.ranked, False
        result = self._fresh(value)
        is_own = builder.is_wrong or builder.ranked or self.evaluator.has_assigned
        is_doubtful = builder.doubts > doubts
        is_kept = not is_own and not (is_doubtful and self.number in self._unused)
        if is_kept and (result.__class__ is Node or is_lasting(result)):
            found = self._known(result, *counts, is_doubtful)
            known.put(key, found)
            if shape is not None and builder.peeks == peeks and not is_doubtful:
                RECIPES.put(shape, Example(tuple(leaves), found))
        builder.ranked = builder.ranked or ranked
        return result

    def _known(self, result: Symbol, nodes: int, steps: int, is_doubtful: bool) -> KnownStatement:
        """What the statement made that ran; nodes, steps: what was counted before."""
        b = self.builder
        first, effects = self._gather_new()
        made, key = self.sink.made, symbol_key(result)
        counts = b.nodes - nodes, b.steps - steps
        return KnownStatement(result, key, made, first, effects, *counts, is_doubtful)

    def _shape(self, statement: Statement, leaves: dict[Node, int]) -> Any:
        """What of a statement and its variables matters besides the nodes that these have, which
        are added to the leaves; None where more does.
        """
        values = self.values
        try:
            return (statement, *[shape_of(values[name], leaves) for name in statement.names])
        except Shapeless:
            return None

    def _replayed(self, shape: Any, leaves: Iterable[Node]) -> KnownStatement | None:
        """What a statement makes, if there is a recipe for it; None if it is to be run."""
        recipe = RECIPES.get(shape)
        if recipe.__class__ is Example:
            recipe = recipe_of(recipe.leaves, recipe.statement) or False
            RECIPES.put(shape, recipe)
        if not recipe:
            return None
        b = self.builder
        nodes, steps = b.nodes + recipe.nodes, b.steps + recipe.steps
        if nodes > b.most_nodes or steps > b.most_steps:
            return None
        self.sink.begin()
        found = follow(recipe, leaves, self.sink)
        if found is not None:
            b.nodes, b.steps = nodes, steps
            self.parts.append((self.number, found.made))
            if found.first is not None:
                self._gather(found.first, found.effects)
        return found

    def _compound(self, statement: Statement) -> Symbol | None:
        """Run a statement that has no target; what the program returns where that is decided, as
        then the rest was run with it.
        """
        self.begin()
        number, part = self.number, statement.value
        if isinstance(part, Wrong):
            return None
        rest = block_of(self.program)[number + 1 :]
        live = late_names(block_of(self.program))
        bodies, home = self.evaluator.bodies, [(number, part)]
        if not ends_early((part,)):
            bodies.run(tuple(home), self.values, live | exposed_in(rest), lambda kind, value: [])
            self._set_keys()
            return None
        home += [(number + 1 + k, p) for k, p in enumerate(rest)]
        (result,) = bodies.run(tuple(home), self.values, live, returned)
        return result

    def _fresh(self, value: Expression) -> Symbol:
        """Run a statement's expression."""
        self.begin()
        return self._evaluated(value)

    def begin(self) -> None:
        """Begin what a statement makes."""
        self.sink.begin()
        if self.flat is not None:
            self.flat.spreads.clear()
        self.parts.append((self.number, self.sink.made))
        self.builder.domain = None

    def _written(self, function: Lambda) -> Function:
        """A function that is written out, and captures nothing."""
        return self.evaluator.bodies.function(function, Environment())

    # -- what is wrong

    def _span(self) -> Span:
        mark = self.sink.mark
        if isinstance(mark, Inside):
            return self.program.place(*mark)
        value = self.program.statements[self.number].value
        return self.program.place(self.number, value if mark is None else mark)

    def _report(self, problem: Unresolved) -> None:
        if problem.code:
            self.found.append(
                Diagnostic(self._span(), problem.code, problem.message, problem.notes)
            )

    def _described(self, op: str, domain: Node | None, problem: Mismatch) -> Diagnostic:
        """What is wrong with a node that has no type."""
        origin = self.origin(self.number, self.sink.mark)
        span, notes = origin.span, [problem.note] if problem.note else []
        inner = op not in TABLE or op == "merge"
        count = len(origin.arguments)
        row = BY_NAME.get(op)  # none for what the passes make, as a loop
        is_stand_in = origin.call in WRITTEN and row is not None and row.arity == count
        is_same = op == origin.call or is_stand_in
        message, is_told = self._in_words(op, origin.call, problem)
        if is_same or (origin.call and inner and domain is None):
            if problem.argument is not None and problem.argument < len(origin.arguments):
                span = origin.arguments[problem.argument]
        elif not is_told:
            notes.append("in a function value that is applied here")
        return Diagnostic(span, problem.code, message, tuple(notes))

    def _in_words(self, op: str, call: str, problem: Mismatch) -> tuple[str, bool]:
        """The message with what is written in the place of a row's name, and whether that tells
        where it is: a statement or a comprehension, that is no call.
        """
        mark = self.sink.mark
        number, expression = mark if isinstance(mark, Inside) else (self.number, mark)
        if expression is None and number >= 0:
            expression = self.program.statements[number].value
        match = _ARGUMENT.match(problem.message)
        if match is None or match[1] != op:
            return problem.message, False
        rest, place = problem.message[match.end() :], int(match[2]) - 1
        if op == "size" and not call and not isinstance(expression, Call):
            return f"what `for` goes over{rest}", True
        name = call if call in WRITTEN else op
        function = getattr(expression, "function", None)
        whole = function.written if isinstance(function, Builtin) else ""
        if name not in WRITTEN and not (whole and call == op):
            return problem.message, False
        return written_argument(name, place, whole) + rest, not call

    def origin(self, number: int, expression: Expression | Inside | None) -> Origin:
        """Where a node comes from that a statement's expression asked for; None: its own."""
        program = self.program
        if isinstance(expression, Inside):
            number, expression = expression
        if number < 0:
            return Origin(program.parameter, program.place(program.begin))
        target = program.statements[number].target or "block"
        if expression is None:
            return Origin(target, program.place(number))
        name = ""
        if isinstance(expression, TupleLiteral):
            name = "astuple" if len(expression.elements) == 2 else "pack_tuple"
        elif isinstance(expression, Call) and isinstance(expression.function, Builtin):
            name = expression.function.row.name
        span = program.place(number, expression)
        return Origin(target, span, name, program.argument_places(number, expression))
