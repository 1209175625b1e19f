"""Random expressions that give functions: every way to make one, for arguments of given shapes.

`function(params, want)` draws ways until one gives a function that takes the shapes and whose
result is wanted. What is applied to functions themselves, to the elements of a container of
functions say, is made by `eater`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.frontend.program import Call
from pipeline.ir.coerce import bind
from pipeline.ir.types import BOOLEAN, INTEGER, Type
from pipeline.trust.programs.expressions import Made, Values
from pipeline.trust.programs.rows import places_taking, rows_taking
from pipeline.trust.programs.shapes import (
    Box,
    Open,
    Shape,
    Untyped,
    arity_of,
    call,
    element_of,
    is_container,
    is_data,
    is_key,
    joined,
)

Want = Callable[[Any], bool]
_ATTEMPTS = 7


def is_boolean(shape: Any) -> bool:
    """Whether it is a truth value."""
    return shape is BOOLEAN


def is_function(shape: Any) -> bool:
    """Whether it can be called."""
    try:
        return arity_of(shape) > 0
    except Untyped:
        return False


def joins(first: Shape, want: Want) -> Want:
    """Wanted, and of one common type with the first."""

    def wanted(shape: Any) -> bool:
        try:
            joined([first, shape])
        except Untyped:
            return False
        return want(shape)

    return wanted


class Functions(Values):
    """The program so far, with functions."""

    def function(self, params: tuple[Any, ...], want: Want = is_data, depth: int = 2) -> Made:
        """A function for these shapes whose result is wanted; raises Untyped."""
        return self.function_and_result(params, want, depth)[0]

    def function_and_result(
        self, params: tuple[Any, ...], want: Want = is_data, depth: int = 2
    ) -> tuple[Made, Shape]:
        """The function, and the shape of what it gives."""
        ways = self._ways(params)
        names = [way for way, _ in ways]
        weights = [weight for _, weight in ways]
        if depth < -1:
            raise Untyped
        for _ in range(_ATTEMPTS if depth > 0 else 3):
            way = self.rng.choices(names, weights)[0] if depth > 0 else ways[0][0]
            try:
                made = way(self, params, want, depth - 1)
                result = call(made.shape, *params)
            except Untyped:
                continue
            if want(result):
                return made, result
        raise Untyped

    def _ways(self, params: tuple[Any, ...]) -> tuple[tuple[Callable[..., Made], int], ...]:
        if all(map(is_data, params)):
            return _ONE if len(params) == 1 else _TWO
        return _EATERS if len(params) == 1 else _EATERS_OF_TWO

    # -- primitives

    def plain(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """A primitive as it is."""
        options = [name for name, result in rows_taking(params) if want(result)]
        if not options:
            return self.bound(params, want, depth)
        return self.builtin(self.rng.choice(options))

    def bound(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """A primitive of which all but one or two parameters are bound."""
        count = len(params)
        options = places_taking(params[0], count)
        if not options:
            raise Untyped
        row, overload, place = self.rng.choice(options)
        signature = row.overloads[overload]
        kept = range(place, place + count)
        bindings: dict[str, Type] = {}
        for k, param in zip(kept, params, strict=True):
            pattern = signature.parameters[k]
            if not isinstance(pattern, Type) or not bind(pattern, param, bindings):
                raise Untyped
        made = self.builtin(row.name)
        left = [("lbind", k) for k in range(place)]
        right = [("rbind", k) for k in range(row.arity - 1, kept.stop - 1, -1)]
        while left or right:
            side = left if left and (not right or self.maybe(0.5)) else right
            name, k = side.pop(0)
            pattern = signature.parameters[k]
            assert isinstance(pattern, Type)
            made = self.call(name, made, self.value(pattern, bindings, min(depth, 1)))
        return made

    # -- combinators

    def composed(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """`compose` or `chain`."""
        inner, shape = self.function_and_result(params, is_data, depth)
        if depth > 0 and self.maybe(0.25):
            middle, shape = self.function_and_result((shape,), is_data, depth - 1)
            return self.call("chain", self.function((shape,), want, depth), middle, inner)
        return self.call("compose", self.function((shape,), want, depth), inner)

    def forked(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """`fork`."""
        a, left = self.function_and_result(params, is_data, depth)
        b, right = self.function_and_result(params, is_data, depth)
        return self.call("fork", self.function((left, right), want, depth), a, b)

    def matched(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """`matcher`, where a condition is wanted."""
        if not want(BOOLEAN):
            raise Untyped
        inner, shape = self.function_and_result(params, is_data, depth)
        assert isinstance(shape, Type)
        return self.call("matcher", inner, self.data(shape, 1))

    def powered(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """`power`, of a known or unknown exponent."""
        inner = self.function(params, lambda shape: shape is params[0], depth)
        if self.maybe(0.4):
            turns = self.literal(self.rng.choice((1, 2, 2, 3, 4, 9, 11)), INTEGER)
        else:
            turns = self.pick(lambda shape: shape is INTEGER) or self.length()
            if self.maybe(0.6):
                turns = self.call("size", self.call("initset", turns))
                extra = self.pick(is_container)
                turns = self.call("size", extra) if extra is not None else turns
        return self.call("power", inner, turns)

    def chosen(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """`branch` between functions."""
        a, shape = self.function_and_result(params, want, depth)
        b = self.function(params, joins(shape, want), depth)
        return self.call("branch", self.condition(), a, b)

    def condition(self) -> Made:
        """A truth value, rather one that the data decides."""
        known = self.pick(is_boolean)
        if known is not None and self.maybe(0.7):
            return known
        if self.maybe(0.1):
            return self.data(BOOLEAN)
        return self.call(self.rng.choice(("even", "positive")), self.data(INTEGER, 1))

    def named(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """A function variable, or one out of a container."""

        def suits(shape: Any) -> bool:
            try:
                return want(call(shape, *params))
            except Untyped:
                return False

        found = self.pick(suits)
        if found is not None and self.maybe(0.8):
            return found
        held = self.pick(lambda shape: isinstance(shape, Box | Open))
        if held is None:
            raise Untyped
        return self.call(self.rng.choice(("first", "last")), held)

    def returned(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """A function that another function returned: `lbind(lbind, f)(value)`."""
        outer = self.data(self.some_type(), 1)
        two = self.function((outer.shape, *params), want, depth)
        maker = self.call("lbind", self.builtin("lbind"), two)
        result = call(maker.shape, outer.shape)
        return self.called(maker, outer, result)

    def called(self, function: Made, argument: Made, shape: Shape) -> Made:
        """A call of a function that is an expression of its own."""
        expression = Call(function.expression, (argument.expression,))
        return Made(expression, shape)

    def some_type(self) -> Type:
        """The type of a variable, or of an element of one."""
        found = self.pick(is_data)
        assert found is not None
        element = element_of(found.shape)
        return element if isinstance(element, Type) and self.maybe(0.4) else found.shape

    # -- functions that work on containers

    def lifted(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """A function that applies another to the elements of its argument, or is applied by it."""
        if self.maybe(0.25):
            return self.call("lbind", self.builtin("rapply"), self.box(params, depth))
        name = self.rng.choice(tuple(_LIFTED))
        element = element_of(params[0])
        if element is None:
            raise Untyped
        inner = self.function((element,), _LIFTED[name], depth)
        side = "lbind" if name in ("apply", "mapply") else "rbind"
        return self.call(side, self.builtin(name), inner)

    def lifted_two(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """A function of two containers that applies another to pairs of elements."""
        elements = tuple(element_of(p) for p in params)
        if None in elements:
            raise Untyped
        name = self.rng.choice(("papply", "mpapply", "prapply"))
        inner = self.function(elements, is_container if name == "mpapply" else is_data, depth)
        return self.call("lbind", self.builtin(name), inner)

    def branching(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """`branch` with its condition bound."""
        return self.call("lbind", self.builtin("branch"), self.condition())

    def same(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """`identity`."""
        return self.builtin("identity")

    # -- containers of functions

    def box(self, params: tuple[Any, ...], depth: int = 1) -> Made:
        """A container of known functions for these shapes, whose results are alike."""
        first, shape = self.function_and_result(params, is_data, depth)
        more = [
            self.function(params, joins(shape, is_data), depth)
            for _ in range(self.rng.choice((0, 1, 1, 2)))
        ]
        return self.boxed([first, *more])

    def boxed(self, items: list[Made]) -> Made:
        """These functions in a container, put there in one of many ways."""
        first, *more = items
        if not more:
            if self.maybe(0.6):
                return self.call("initset", first)
            count = self.length()
            size = int(count.expression.value)  # type: ignore[union-attr, arg-type]
            return self.call_as(Box(False, (first.shape,) * size), "repeat", first, count)
        if self.maybe(0.3):
            result = self.call("initset", first)
            for item in more:
                if self.maybe(0.5):
                    result = self.call("combine", result, self.call("initset", item))
                else:
                    result = self.call("insert", item, result)
            return self.call("totuple", result) if self.maybe(0.3) else result
        if len(items) == 2 and self.maybe(0.4):
            return self.call("astuple", *items)
        return self.tuple_of(*items)

    def maker_of(self, element: Shape, params: tuple[Any, ...], depth: int) -> tuple[Made, Shape]:
        """A function of an element that gives a function for these shapes, and what it returns."""
        way = self.rng.random()
        if way < 0.2 and element is INTEGER and len(params) == 1:
            inner = self.function(params, lambda shape: shape is params[0], depth)
            made = self.call("lbind", self.builtin("power"), inner)
        elif way < 0.35 and len(params) == 1:
            inner, shape = self.function_and_result(params, is_data, depth)
            if not joins(shape, is_data)(element):
                raise Untyped
            made = self.call("lbind", self.builtin("matcher"), inner)
        elif way < 0.6:
            two = self.function((*params, element), is_data, depth)
            made = self.call("lbind", self.builtin("rbind"), two)
        else:
            two = self.function((element, *params), is_data, depth)
            made = self.call("lbind", self.builtin("lbind"), two)
        if self.maybe(0.2) and len(params) == 1:
            made = self._around(made, element, params, depth)
        return made, call(made.shape, element)

    def _around(self, maker: Made, element: Shape, params: tuple[Any, ...], depth: int) -> Made:
        """A function that returns what the maker's function, composed with another, is."""
        shape = call(call(maker.shape, element), *params)
        after = self.function((shape,), is_data, depth)
        return self.call("compose", self.call("lbind", self.builtin("compose"), after), maker)

    # -- functions of functions

    def use(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """A function of a function: it applies it to the elements of some container."""
        name = self.rng.choice(tuple(_LIFTED))

        def suits(shape: Any) -> bool:
            element = element_of(shape) if isinstance(shape, Type) else None
            try:
                return element is not None and _LIFTED[name](call(params[0], element))
            except Untyped:
                return False

        container = self.pick(suits)
        if container is None:
            return self.use_once(params, want, depth)
        side = "rbind" if name in ("apply", "mapply") else "lbind"
        return self.call(side, self.builtin(name), container)

    def use_once(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """A function of a function: it calls it with one value."""

        def suits(shape: Any) -> bool:
            try:
                return is_data(shape) and is_data(call(params[0], shape))
            except Untyped:
                return False

        value = self.pick(suits)
        if value is None:
            raise Untyped
        bound = self.call("rbind", self.builtin("rapply"), value)
        last = self.builtin(self.rng.choice(("first", "last", "size")))
        return self.call("chain", last, bound, self.builtin("initset"))

    def use_and(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """A function of a function: what it gives goes through another."""
        inner, shape = self.function_and_result(params, is_data, depth)
        return self.call("compose", self.function((shape,), want, depth), inner)

    def wrap(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """A function of a function that makes another of it and uses that."""
        way = self.rng.choice(("compose", "matcher", "power", "lbind"))
        if way == "power":
            outer = self.call("rbind", self.builtin(way), self.length())
        elif way == "compose":
            item = self.function((self.some_type(),), is_data, depth)
            side = self.rng.choice(("lbind", "rbind"))
            outer = self.call(side, self.builtin(way), item)
        else:
            outer = self.call("rbind", self.builtin(way), self.data(self.some_type(), 1))
        eater = self.function((call(outer.shape, *params),), want, depth)
        return self.call("compose", eater, outer)

    def use_parts(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """A function of a tuple of a function and data, or of functions."""
        held = params[0]
        if not isinstance(held, Box):
            raise Untyped
        a, b = self.builtin("first"), self.builtin("last")
        if is_function(held.items[0]) and is_data(held.items[-1]):
            way = self.rng.random()
            if way < 0.4 and element_of(held.items[-1]) is not None:
                return self.call("fork", self.builtin("apply"), a, b)
            if way < 0.9:
                one = self.call("compose", self.builtin("initset"), a)
                return self.call("fork", self.builtin("rapply"), one, b)
        if self.maybe(0.5) or not is_function(held.items[0]):
            value = call(b.shape, held)
            return self.call("compose", self.function((value,), want, depth), b)
        return self.call("compose", self.function((call(a.shape, held),), want, depth), a)

    def measured(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """A function of a container of functions: its size, or one that uses an element."""
        part = self.builtin(self.rng.choice(("size", "first", "last")))
        shape = call(part.shape, *params)
        if is_data(shape):
            return part
        return self.call("compose", self.function((shape,), want, depth), part)

    def use_two(self, params: tuple[Any, ...], want: Want, depth: int) -> Made:
        """A function of a function and data: it applies the one to the other."""
        name = self.rng.choice(("apply", "mapply"))
        return self.builtin(name)


_LIFTED: dict[str, Want] = {
    "apply": is_data,
    "mapply": is_container,
    "sfilter": is_boolean,
    "mfilter": is_boolean,
    "extract": is_boolean,
    "order": is_key,
    "argmax": is_key,
    "argmin": is_key,
    "valmax": is_key,
    "valmin": is_key,
}
_ONE = (
    (Functions.plain, 26),
    (Functions.bound, 22),
    (Functions.composed, 16),
    (Functions.forked, 9),
    (Functions.matched, 7),
    (Functions.powered, 7),
    (Functions.chosen, 7),
    (Functions.named, 8),
    (Functions.returned, 4),
    (Functions.lifted, 14),
    (Functions.same, 2),
)
_TWO = (
    (Functions.plain, 40),
    (Functions.bound, 12),
    (Functions.chosen, 10),
    (Functions.named, 10),
    (Functions.returned, 4),
    (Functions.lifted_two, 12),
    (Functions.branching, 4),
)
_EATERS = (
    (Functions.use_once, 20),
    (Functions.use, 30),
    (Functions.use_parts, 30),
    (Functions.use_and, 12),
    (Functions.wrap, 16),
    (Functions.measured, 10),
)
_EATERS_OF_TWO = ((Functions.use_two, 1),)
