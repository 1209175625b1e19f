"""The reference runtime: generated code runs on it with plain Python values, one generic loop for
every row.

Slow, and the definition of what every other backend must give.

A generated line calls one method: the row's name, or a structural operation. `d` is always the
domain in which the result lives. Where a lane's argument failed the result is that failure and the
row is not run; which failure the lane ends with is decided by the closers and `verdict`, which look
at their effects in program order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pipeline.data.tasks import TrainPairs
from pipeline.ir.status import DEFAULT_LIMITS, Failure, Limits
from pipeline.ir.types import Type, parse_type
from pipeline.oracle.columns import Column, Domain, Values, inner_domain, root_domain
from pipeline.primitives.argument_checks import check_holed
from pipeline.primitives.canonical import ordered
from pipeline.primitives.kinds import as_text
from pipeline.primitives.row import Primitive, measure, output_grid, run_row
from pipeline.primitives.table import BY_NAME

Effects = tuple[Any, ...]


class _Totals:
    """The running total of one operation: lanes of a scope come one after another."""

    __slots__ = ("limit", "scope", "total")

    def __init__(self, limits: Limits) -> None:
        self.limit = limits.total
        self.scope = -1
        self.total = 0

    def add(self, scope: int, amount: int) -> bool:
        """Count; False if the scope's total is now over the limit."""
        if scope != self.scope:
            self.scope = scope
            self.total = 0
        self.total += amount
        return self.total <= self.limit


class ReferenceRuntime:
    """Evaluates generated code on a batch of input grids.

    `wanted`, for a battery, lists for each solver the samples (places in `grids`) that are asked
    for; without it every solver runs on every sample. `shown` has for each sample the train pairs
    of its task, None where it is of none. `verdicts` fills up with, for each solver
    number, a mapping from sample to the output grid or the Failure.
    """

    name = "reference"

    def __init__(
        self,
        grids: list[Any],
        limits: Limits = DEFAULT_LIMITS,
        wanted: list[list[int]] | None = None,
        shown: Sequence[TrainPairs | None] | None = None,
    ) -> None:
        self.grids = grids
        self._shown = shown
        self.limits = limits
        self.wanted = wanted
        self.verdicts: dict[int, dict[int, Any]] = {}
        self._roots: dict[tuple[int, ...], Domain] = {}

    def __getattr__(self, name: str) -> Callable[..., Column]:
        row = BY_NAME.get(name)
        if row is None:
            raise AttributeError(f"no operation {name!r}")
        lifted = self._lift(row)
        setattr(self, name, lifted)
        return lifted

    # -- roots and results

    def lanes(self, *solvers: int) -> Domain:
        """The samples that at least one of these solvers is wanted on."""
        if self.wanted is None:
            found: Iterable[int] = range(len(self.grids))
        else:
            found = sorted({k for solver in solvers for k in self.wanted[solver]})
        key = tuple(found)
        if key not in self._roots:
            self._roots[key] = root_domain(list(key))
        return self._roots[key]

    def input(self, d: Domain) -> Column:
        """The input grids."""
        assert d.lanes is not None
        return Column(d, [self.grids[k] for k in d.lanes])

    def train_pairs(self, d: Domain) -> Column:
        """The train pairs of the samples' tasks."""
        assert d.lanes is not None
        shown = self._shown or [None] * len(self.grids)
        missing = Failure("NONE", "train_pairs")
        found = [shown[k] for k in d.lanes]
        return Column(d, [missing if pairs is None else pairs for pairs in found])

    def verdict(self, solver: int, d: Domain, result: Column, after: Effects) -> None:
        """Note how each lane of a solver ended; an output grid is within the limits."""
        limits = self.limits
        values = [_attempt(lambda grid: output_grid(grid, limits), v) for v in result.on(d)]
        for effect in reversed(after):
            for k, failure in enumerate(_failures(effect, d)):
                if failure is not None and failure.reason != "UNUSED":
                    values[k] = failure
        assert d.lanes is not None
        self.verdicts[solver] = dict(zip(d.lanes, values, strict=True))

    # -- rows

    def _lift(self, row: Primitive) -> Callable[..., Column]:
        limits = self.limits

        def lifted(d: Domain, *args: Any) -> Column:
            columns = [_values(a, d) for a in args]
            totals = _Totals(limits)
            scopes = d.scopes
            out: Values = []
            for lane, values in enumerate(zip(*columns, strict=True)):
                out.append(_run(row, values, limits, totals, scopes[lane]))
            return Column(d, out)

        return lifted

    def convert(self, d: Domain, x: Any, source: str, target: str) -> Column:
        """The values as another type: a check for pairs and grids, a set for a tuple.

        What they were before is for backends that store types differently.
        """
        check = _conversion(parse_type(target), self.limits)
        values = _values(x, d)
        return Column(d, [v if v is None else _attempt(check, v) for v in values])

    # -- domains

    def each(self, d: Domain, container: Any) -> Domain:
        """Open the elements of a container, counted."""
        return self._open(d, [container], _first_size, counted=True)

    def every(self, d: Domain, container: Any) -> Domain:
        """Open the elements of an encoded container, not counted."""
        return self._open(d, [container], _first_size, counted=False)

    def probe(self, d: Domain, container: Any) -> Domain:
        """Open elements of which those after the first match do not count: each is a scope."""
        return self._open(d, [container], _first_size, counted=False, fresh_scopes=True)

    def zip(self, d: Domain, a: Any, b: Any) -> Domain:
        """Open the pairs of elements at the same place."""
        return self._open(d, [a, b], lambda x, y: min(len(x), len(y)), counted=True)

    def cross(self, d: Domain, a: Any, b: Any) -> Domain:
        """Open all pairs: for each element of b each of a."""
        opened = self._open(d, [a, b], lambda x, y: len(x) * len(y), counted=True)
        opened.is_cross = True
        return opened

    def where(self, d: Domain, condition: Any) -> Domain:
        """Open one lane where the condition holds."""
        return self._open(d, [condition], lambda c: int(bool(c)), counted=False, is_masked=True)

    def unless(self, d: Domain, condition: Any) -> Domain:
        """Open one lane where the condition does not hold."""
        return self._open(d, [condition], lambda c: int(not c), counted=False, is_masked=True)

    def _open(
        self,
        d: Domain,
        sources: list[Any],
        count: Callable[..., int],
        counted: bool,
        fresh_scopes: bool = False,
        is_masked: bool = False,
    ) -> Domain:
        columns = [_values(s, d) for s in sources]
        totals = _Totals(self.limits)
        counts: list[int] = []
        blocked: list[Failure | None] = []
        for lane, values in enumerate(zip(*columns, strict=True)):
            failure = _failed(values)
            if failure is None and not is_masked and None in values:
                failure = Failure("NONE", "apply")
            amount = 0 if failure is not None else count(*values)
            if failure is None and counted and not totals.add(d.scopes[lane], amount):
                failure, amount = Failure("TOTAL", "apply"), 0
            counts.append(amount)
            blocked.append(failure)
        opened = inner_domain(d, counts, blocked, fresh_scopes)
        opened.sources = columns
        return opened

    def _elements(self, d: Domain, pick: Callable[..., Iterable[Any]]) -> Column:
        assert d.parent is not None
        out: Values = []
        for lane, values in enumerate(zip(*d.sources, strict=True)):
            if d.offsets[lane] != d.offsets[lane + 1]:
                out.extend(pick(*values))
        return Column(d, out)

    def item(self, d: Domain) -> Column:
        """The elements."""
        return self._elements(d, ordered)

    def left(self, d: Domain) -> Column:
        """The elements of the first container, in each pair."""
        return self._elements(d, _left_of(d))

    def right(self, d: Domain) -> Column:
        """The elements of the second container, in each pair."""
        return self._elements(d, _right_of(d))

    def spread(self, d: Domain, x: Column) -> Column:
        """A value of the parent domain, for each lane that the parent's lane opened."""
        assert d.parent is not None
        values = x.on(d.parent)
        return Column(d, [values[p] for p in d.parent_lanes])

    # -- closers

    def tuple_of(self, d: Domain, x: Any, after: Effects) -> Column:
        """The results for all elements as a tuple."""
        return self._close(d, x, after, lambda values: self._collected(tuple(values)), counted=True)

    def set_of(self, d: Domain, x: Any, after: Effects) -> Column:
        """The results for all elements as a set."""
        return self._close(
            d, x, after, lambda values: self._collected(frozenset(values)), counted=True
        )

    def keys(self, d: Domain, x: Any, after: Effects) -> Column:
        """The keys of all elements, as they are."""
        return self._close(d, x, after, tuple, counted=False)

    def _collected(self, container: Any) -> Any:
        if len(container) > self.limits.elements:
            raise Failure("ELEMENTS", "apply")
        return container

    def _close(
        self, d: Domain, x: Any, after: Effects, make: Callable[[Values], Any], counted: bool
    ) -> Column:
        outer = d.parent
        assert outer is not None
        values = _values(x, d)
        failures = _first_failures((*after, x) if type(x) is Column else after, d)
        totals = _Totals(self.limits)
        out: Values = []
        for lane, blocked in enumerate(d.blocked):
            start, end = d.offsets[lane], d.offsets[lane + 1]
            failed = next((f for f in failures[start:end] if f is not None), blocked)
            if failed is not None:
                out.append(failed)
                continue
            result = _attempt(make, values[start:end])
            fine = type(result) is Failure or not counted
            if not fine and not totals.add(outer.scopes[lane], len(result)):
                result = Failure("TOTAL", "apply")
            out.append(result)
        return Column(outer, out)

    def first_match(self, d: Domain, matches: Any, container: Any, after: Effects) -> Column:
        """The first element that matches; what fails after it does not count."""
        outer = d.parent
        assert outer is not None
        values = _values(matches, d)
        elements = self.item(d).values
        failures = _first_failures(after, d)
        out: Values = []
        for lane, blocked in enumerate(d.blocked):
            found: Any = blocked if blocked is not None else Failure("NO_MATCH", "extract")
            for k in range(d.offsets[lane], d.offsets[lane + 1]):
                if failures[k] is not None or values[k]:
                    found = elements[k] if failures[k] is None else failures[k]
                    break
            out.append(found)
        return Column(outer, out)

    def select(
        self,
        d: Domain,
        condition: Column,
        taken: Domain,
        a: Any,
        untaken: Domain,
        b: Any,
        after: tuple[Effects, Effects],
    ) -> Column:
        """The results of the two sides of a condition, joined."""
        out: Values = [v if type(v) is Failure else None for v in condition.on(d)]
        for side, column, effects in ((taken, a, after[0]), (untaken, b, after[1])):
            values = _values(column, side)
            failures = _first_failures(effects, side)
            for k, lane in enumerate(side.parent_lanes):
                out[lane] = values[k] if failures[k] is None else failures[k]
        return Column(d, out)

    def looped(
        self,
        d: Domain,
        turns: Any,
        state: Any,
        body: Callable[[Domain, Column], tuple[Any, ...]],
    ) -> Column:
        """Apply the body once less than `turns` times; the first turn stands before.

        The body gives its result, its effects and, where it may stop, whether a lane goes on.
        """
        counts = _values(turns, d)
        values = list(_values(state, d))
        values = [c if type(c) is Failure else v for c, v in zip(counts, values, strict=True)]
        left = [0 if type(c) is Failure else c - 1 for c in counts]
        while True:
            live = [
                int(n > 0 and type(v) is not Failure) for n, v in zip(left, values, strict=True)
            ]
            if not any(live):
                return Column(d, values)
            turn = inner_domain(d, live, [None] * d.size)
            column = Column(turn, [values[p] for p in turn.parent_lanes])
            result, after, *more = body(turn, column)
            results = _values(result, turn)
            goes_on = _values(more[0], turn) if more else [True] * turn.size
            failures = _first_failures(after, turn)
            for k, lane in enumerate(turn.parent_lanes):
                values[lane] = results[k] if failures[k] is None else failures[k]
                left[lane] = left[lane] - 1 if goes_on[k] else 0

    def pack_tuple(self, d: Domain, *items: Any) -> Column:
        """The values as one tuple."""
        return self._pack(d, items, lambda values: self._packed(values, tuple))

    def pack_set(self, d: Domain, *items: Any) -> Column:
        """The values as one set."""
        return self._pack(d, items, lambda values: self._packed(values, frozenset))

    def pack_keys(self, d: Domain, *items: Any) -> Column:
        """The values as one tuple of keys."""
        return self._pack(d, items, tuple)

    def _packed(self, values: Values, kind: Callable[[Values], Any]) -> Any:
        container = kind(values)
        if len(container) > self.limits.elements:
            raise Failure("ELEMENTS", "tuple")
        return container

    def _pack(self, d: Domain, items: tuple[Any, ...], make: Callable[[Any], Any]) -> Column:
        columns = [_values(a, d) for a in items]
        out: Values = []
        for values in zip(*columns, strict=True) if items else [()] * d.size:
            failure = _failed(values)
            out.append(_attempt(make, values) if failure is None else failure)
        return Column(d, out)


def _run(
    row: Primitive, values: tuple[Any, ...], limits: Limits, totals: _Totals, scope: int
) -> Any:
    for value in values:
        if type(value) is Failure:
            return value
    try:
        result = run_row(row, values, limits)
    except Failure as failure:
        return failure.with_traceback(None)
    if row.makes_container and not totals.add(scope, measure(row, values, result)):
        return Failure("TOTAL", row.name)
    return result


def _failed(values: Iterable[Any]) -> Failure | None:
    """The first failed argument of a lane."""
    return next((v for v in values if type(v) is Failure), None)


def _values(x: Any, d: Domain) -> Values:
    """An argument on the lanes of a domain: a column's values, or a literal in every lane."""
    return x.on(d) if type(x) is Column else [x] * d.size


def _attempt(make: Callable[[Any], Any], value: Any) -> Any:
    if type(value) is Failure:
        return value
    try:
        return make(value)
    except Failure as failure:
        return failure.with_traceback(None)


def _conversion(target: Type, limits: Limits) -> Callable[[Any], Any]:
    """What turns one plain value into one of the target type."""

    def to_grid(value: Any) -> Any:
        try:
            check_holed(value, limits)
        except Failure as failure:
            if failure.reason != "SHAPE":  # a ragged grid may yet come to a good one
                raise Failure(failure.reason, failure.operation or "convert") from None
        return value

    def to_two(value: Any) -> Any:
        if len(value) == 1:
            raise Failure("SHAPE", "convert")
        return value[:2]

    def to_integer(value: Any) -> Any:
        return int(value)

    def same(value: Any) -> Any:
        return value

    known: dict[str, Callable[[Any], Any]] = {
        "Grid": to_grid,
        "Two": to_two,
        "Set": frozenset,
        "Integer": to_integer,
        "Text": as_text,
    }
    return known.get(target.head, same)


def _first_size(container: Any) -> int:
    return len(container)


def _left_of(d: Domain) -> Callable[..., Iterable[Any]]:
    if d.is_cross:
        return lambda a, b: [i for _ in ordered(b) for i in ordered(a)]
    return lambda a, b: [i for i, _ in zip(ordered(a), ordered(b), strict=False)]


def _right_of(d: Domain) -> Callable[..., Iterable[Any]]:
    if d.is_cross:
        return lambda a, b: [j for j in ordered(b) for _ in range(len(a))]
    return lambda a, b: [j for _, j in zip(ordered(a), ordered(b), strict=False)]


def _failures(effect: Any, d: Domain) -> list[Failure | None]:
    """Where an effect, a column or a domain opened in `d`, failed."""
    if type(effect) is Column:
        return [v if type(v) is Failure else None for v in effect.on(d)]
    if effect.parent is d:
        return effect.blocked
    blocked = effect.blocked
    return [blocked[k] for k in d.map_from(effect.parent)]


def _first_failures(after: Effects, d: Domain) -> list[Failure | None]:
    """For each lane the failure of the first effect that failed."""
    first: list[Failure | None] = [None] * d.size
    for effect in reversed(after):
        for k, failure in enumerate(_failures(effect, d)):
            if failure is not None:
                first[k] = failure
    return first
