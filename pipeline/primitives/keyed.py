"""First-order rows that no solver can name: what the passes leave of rows that take functions.

`keys` is one key per element of the container, in its order of iteration; where the elements are
their own keys it is the container itself, which may be a set. `key_order` says which of two keys
comes first.
"""

from __future__ import annotations

from typing import Any, Final

from pipeline.ir.status import Failure
from pipeline.primitives.canonical import ordered
from pipeline.primitives.containers import two_words
from pipeline.primitives.elements import Container
from pipeline.primitives.key_order import (
    compare_keys,
    largest_place,
    smallest_place,
    sort_places,
    sorted_places,
)
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.sorting import sort_words
from pipeline.primitives.words import (
    BIAS,
    EMPTY,
    MISSING,
    NIL,
    NO_MATCH,
    NONE,
    RANGE,
    TUPLE,
    Memory,
    first_of_two,
    has_failed,
    integer,
    is_integer,
    is_pair,
    kind_of,
    length,
    list_words,
    put_list,
    put_two,
    second_of_two,
    set_words,
    start,
)

_PLACES: Final = 1 << 20
"""So many places can be told apart in the bits that an integer or a pair leaves free."""


@primitive(
    "Tuple[a] Tuple[Boolean] -> Tuple[a]",
    "Set[a] Tuple[Boolean] -> Set[a]",
    examples=("keep_by((1, 2), (False, True)) == (2,)", "keep_by(frozenset(), ()) == frozenset()"),
    total=True,
)
def keep_by(container: Any, keys: tuple[Any, ...]) -> Any:
    """Keep the elements whose key holds.

    Order:   keys follow the container's order of iteration
    """
    return type(container)([e for e, key in zip(ordered(container), keys, strict=True) if key])


@compiled
def _keep_by_words(m: Memory, container: int, keys: int) -> int:
    return list_words(length(m, keys))


@native(keep_by, words=_keep_by_words)
def _keep_by(m: Memory, out: int, container: int, keys: int) -> tuple[int, int]:
    heap, count, at = m.heap, length(m, keys), start(container)
    key_at = start(keys)
    kept = 0
    for k in range(count):
        heap[out + 1 + kept] = heap[at + k]
        kept += int(heap[key_at + k] > 0)
    if kept == count:
        return container, out
    return put_list(m, out, kind_of(m, container), kept)


@primitive(
    "Tuple[a] Tuple[b] -> Tuple[a]",
    "Set[a] Tuple[b] -> Tuple[a]",
    "Set[a] Set[b] -> Tuple[a]",
    examples=("order_by((7, 8), (1, 0)) == (8, 7)", "order_by((), ()) == ()"),
)
def order_by(container: Any, keys: Container) -> tuple[Any, ...]:
    """Sort the elements by key, ascending; equal keys keep their order.

    Errors:  NONE or ORDER if two keys have no order
    """
    elements = ordered(container)
    return tuple([elements[k] for k in sorted_places(ordered(keys))])


@compiled
def _order_by_words(m: Memory, container: int, keys: int) -> int:
    return set_words(length(m, keys))


@native(order_by, words=_order_by_words)
def _order_by(m: Memory, out: int, container: int, keys: int) -> tuple[int, int]:
    return _put_ordered(m, out, container, keys, 0)


@primitive(
    "Tuple[a] Tuple[b] -> Tuple[a]",
    "Set[a] Tuple[b] -> Tuple[a]",
    "Set[a] Set[b] -> Tuple[a]",
    examples=("order_down((7, 8), (0, 1)) == (8, 7)", "order_down((7, 8), (1, 1)) == (7, 8)"),
)
def order_down(container: Any, keys: Container) -> tuple[Any, ...]:
    """Sort the elements by key, descending; equal keys keep their order.

    Errors:  NONE or ORDER if two keys have no order
    """
    elements, last = ordered(container), len(keys) - 1
    places = sorted_places(ordered(keys)[::-1])
    return tuple([elements[last - k] for k in reversed(places)])


@native(order_down, words=_order_by_words)
def _order_down(m: Memory, out: int, container: int, keys: int) -> tuple[int, int]:
    return _put_ordered(m, out, container, keys, 1)


@compiled
def _put_ordered(m: Memory, out: int, container: int, keys: int, down: int) -> tuple[int, int]:
    """Sort the elements by key, descending where `down` is 1: turned round, sorted, turned back."""
    heap, count, at = m.heap, length(m, keys), start(keys)
    integers, pairs = 0, 0
    for k in range(count):
        integers += int(is_integer(heap[at + k]))
        pairs += int(is_pair(heap[at + k]))
    places, mask = out + 1, _PLACES - 1
    if count <= _PLACES and (integers == count or pairs == count):
        for k in range(count):
            rank = count - 1 - k if down else k
            heap[places + rank] = (heap[at + k] + BIAS) * _PLACES + rank
        sort_words(m, places, count)
    else:
        places, mask = sort_places(m, places, keys, down), -1
        if places < 0:
            return places, out
    for k in range(count):
        place = heap[places + k] & mask
        heap[out + 1 + k] = heap[start(container) + (count - 1 - place if down else place)]
    if down:
        _turn(m, out + 1, out + count)
    return put_list(m, out, TUPLE, count)


@compiled
def _turn(m: Memory, first: int, last: int) -> None:
    """Turn round the order of the words from the first to the last."""
    heap = m.heap
    while first < last:
        heap[first], heap[last] = heap[last], heap[first]
        first += 1
        last -= 1


@primitive(
    "Tuple[a] Tuple[b] -> a",
    "Set[a] Tuple[b] -> a",
    "Set[a] Set[b] -> a",
    examples=("argmax_by((7, 8), (1, 0)) == 7", "argmax_by((7, 8), (1, 1)) == 7"),
)
def argmax_by(container: Any, keys: Container) -> Any:
    """Give the element with the largest key, the first of equals; none where there is none.

    Errors:  NONE or ORDER if two keys have no order
    """
    return ordered(container)[largest_place(ordered(keys))] if keys else None


@compiled
def _extreme(m: Memory, container: int, keys: int, sign: int, nothing: int) -> int:
    """The element with the first of the largest keys, of the smallest where the sign is -1."""
    heap, count, at = m.heap, length(m, keys), start(keys)
    if count == 0:
        return nothing
    best = 0
    for k in range(1, count):
        order = compare_keys(m, heap[at + k], heap[at + best])
        if has_failed(order):
            return order
        if order == sign:
            best = k
    return m.heap[start(container) + best]


@native(argmax_by)
def _argmax_by(m: Memory, container: int, keys: int) -> int:
    return _extreme(m, container, keys, 1, MISSING)


@primitive(
    "Tuple[a] Tuple[b] -> a",
    "Set[a] Tuple[b] -> a",
    "Set[a] Set[b] -> a",
    examples=("argmin_by((7, 8), (1, 0)) == 8", "argmin_by((7, 8), (1, 1)) == 7"),
)
def argmin_by(container: Any, keys: Container) -> Any:
    """Give the element with the smallest key, the first of equals; none where there is none.

    Errors:  NONE or ORDER if two keys have no order
    """
    return ordered(container)[smallest_place(ordered(keys))] if keys else None


@native(argmin_by)
def _argmin_by(m: Memory, container: int, keys: int) -> int:
    return _extreme(m, container, keys, -1, MISSING)


@primitive(
    "Tuple[a] Tuple[b] -> b",
    "Set[a] Tuple[b] -> b",
    "Set[a] Set[b] -> b",
    examples=("max_by((7, 8), (1, 0)) == 1", "max_by(frozenset({7}), ((1, 2),)) == (1, 2)"),
)
def max_by(container: Any, keys: Container) -> Any:
    """Give the largest key.

    Errors:  EMPTY if there is no element; NONE or ORDER if two keys have no order
    """
    if not keys:
        raise Failure("EMPTY")
    in_order = ordered(keys)
    return in_order[largest_place(in_order)]


@native(max_by)
def _max_by(m: Memory, container: int, keys: int) -> int:
    return _extreme(m, keys, keys, 1, EMPTY)


@primitive(
    "Tuple[a] Tuple[b] -> b",
    "Set[a] Tuple[b] -> b",
    "Set[a] Set[b] -> b",
    examples=("min_by((7, 8), (1, 0)) == 0", "min_by(frozenset({7}), ((1, 2),)) == (1, 2)"),
)
def min_by(container: Any, keys: Container) -> Any:
    """Give the smallest key.

    Errors:  EMPTY if there is no element; NONE or ORDER if two keys have no order
    """
    if not keys:
        raise Failure("EMPTY")
    in_order = ordered(keys)
    return in_order[smallest_place(in_order)]


@native(min_by)
def _min_by(m: Memory, container: int, keys: int) -> int:
    return _extreme(m, keys, keys, -1, EMPTY)


@primitive(
    "Tuple[a] Tuple[b] a -> a",
    "Set[a] Tuple[b] a -> a",
    "Set[a] Set[b] a -> a",
    examples=("argmax_or((7, 8), (1, 0), 9) == 7", "argmax_or((), (), 9) == 9"),
)
def argmax_or(container: Any, keys: Container, otherwise: Any) -> Any:
    """Give the element with the largest key, the first of equals; where there is none, another.

    Errors:  NONE or ORDER if two keys have no order
    """
    return argmax_by(container, keys) if keys else otherwise


@native(argmax_or)
def _argmax_or(m: Memory, container: int, keys: int, otherwise: int) -> int:
    return _extreme(m, container, keys, 1, otherwise)


@primitive(
    "Tuple[a] Tuple[b] a -> a",
    "Set[a] Tuple[b] a -> a",
    "Set[a] Set[b] a -> a",
    examples=("argmin_or((7, 8), (1, 0), 9) == 8", "argmin_or((), (), 9) == 9"),
)
def argmin_or(container: Any, keys: Container, otherwise: Any) -> Any:
    """Give the element with the smallest key, the first of equals; where there is none, another.

    Errors:  NONE or ORDER if two keys have no order
    """
    return argmin_by(container, keys) if keys else otherwise


@native(argmin_or)
def _argmin_or(m: Memory, container: int, keys: int, otherwise: int) -> int:
    return _extreme(m, container, keys, -1, otherwise)


@primitive("Integer -> Integer", turns_argument=0, examples=("turns(1) == 1", "turns(7) == 7"))
def turns(n: int) -> int:
    """Check how often `power` applies its function.

    Errors:  RANGE if n is not positive; TURNS (over budget) if n is larger than the limit
    """
    if n < 1:
        raise Failure("RANGE")
    return n


@native(turns)
def _turns(m: Memory, n: int) -> int:
    return RANGE if n < 1 else integer(m, n)


@primitive("a -> a", examples=("place(3) == 3", "place(0) == 0"), total=True)
def place(n: int) -> int:
    """Give a place in a list of alternatives: no integer of the program, so no limit applies."""
    return n


@native(place)
def _place(m: Memory, n: int) -> int:
    return n


@primitive("Integer -> Integer", examples=())
def no_match(n: int) -> int:
    """Fail, as none of n alternatives matched.

    Errors:  NO_MATCH always
    """
    raise Failure("NO_MATCH")


@native(no_match)
def _no_match(m: Memory, n: int) -> int:
    return NO_MATCH


@primitive(
    "a b -> (a, b)",
    examples=("capture(1, (2,)) == (1, (2,))", "capture((), 0) == ((), 0)"),
    total=True,
)
def capture(a: Any, b: Any) -> tuple[Any, Any]:
    """Put two captured values of a closure together."""
    return (a, b)


@native(capture, words=two_words)
def _capture(m: Memory, out: int, a: int, b: int) -> tuple[int, int]:
    return put_two(m, out, a, b)


@primitive(
    "Tuple[a] -> Tuple[(Integer, a)]",
    "Set[a] -> Tuple[(Integer, a)]",
    examples=("placed((7, 8)) == ((0, 7), (1, 8))", "placed(frozenset({7})) == ((0, 7),)"),
    total=True,
    is_counted=False,
)
def placed(container: Container) -> tuple[Any, ...]:
    """Put before each element its place."""
    return tuple(enumerate(ordered(container)))


@compiled
def _placed_words(m: Memory, container: int) -> int:
    return list_words(length(m, container)) + 3 * length(m, container)


@native(placed, words=_placed_words)
def _placed(m: Memory, out: int, container: int) -> tuple[int, int]:
    heap, count = m.heap, length(m, container)
    after = out + list_words(count)
    for k in range(count):
        heap[out + 1 + k], after = put_two(m, after, k, heap[start(container) + k])
    word, _ = put_list(m, out, TUPLE, count)
    return word, after


@primitive("a -> a", examples=("found(3) == 3", "found(()) == ()"))
def found(x: Any) -> Any:
    """Check that `argmax` or its like found an element: of functions none may be missing.

    Errors:  NONE if it is missing
    """
    if x is None:
        raise Failure("NONE")
    return x


@native(found)
def _found(m: Memory, x: int) -> int:
    return x if x != MISSING else NONE


@primitive(
    "(a, b) -> a",
    examples=("first_part((1, 2)) == 1", "first_part(()) == ()"),
    total=True,
    optional=("x",),
)
def first_part(x: Any) -> Any:
    """Take the first of two parts to convert it; of what has none, itself."""
    return x[0] if x else x


@native(first_part)
def _first_part(m: Memory, x: int) -> int:
    return x if x in (MISSING, NIL) else first_of_two(m, x)


@primitive(
    "(a, b) -> b",
    examples=("last_part((1, 2)) == 2", "last_part(()) == ()"),
    total=True,
    optional=("x",),
)
def last_part(x: Any) -> Any:
    """Take the second of two parts to convert it; of what has none, itself."""
    return x[1] if x else x


@native(last_part)
def _last_part(m: Memory, x: int) -> int:
    return x if x in (MISSING, NIL) else second_of_two(m, x)


@primitive(
    "(a, b) c d -> (c, d)",
    examples=("joined_parts((1, 2), 3, 4) == (3, 4)", "joined_parts((), 3, 4) == ()"),
    total=True,
)
def joined_parts(x: Any, a: Any, b: Any) -> Any:
    """Put two converted parts together; of what had none, itself."""
    return (a, b) if x else x


@compiled
def _joined_words(m: Memory, x: int, a: int, b: int) -> int:
    return two_words(m, a, b)


@native(joined_parts, words=_joined_words)
def _joined_parts(m: Memory, out: int, x: int, a: int, b: int) -> tuple[int, int]:
    if x in (MISSING, NIL):
        return x, out
    return put_two(m, out, a, b)


@primitive(
    "Tuple[a] -> Tuple[a]",
    "Set[a] -> Set[a]",
    examples=("filled((3,)) == (3,)", "filled(frozenset({()})) == frozenset({()})"),
    is_counted=False,
)
def filled(container: Container) -> Container:
    """Check that there is an element.

    Errors:  EMPTY if there is none
    """
    if not container:
        raise Failure("EMPTY")
    return container


@native(filled)
def _filled(m: Memory, container: int) -> int:
    return container if length(m, container) > 0 else EMPTY
