"""First-order rows that no solver can name: what the passes leave of rows that take functions.

`keys` is one key per element of the container, in its order of iteration; where the elements are
their own keys it is the container itself, which may be a set. A key is a Boolean, an
Integer or a (nested) tuple of them, and is compared as such; a set has no order that a key could
use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pipeline.ir.status import Failure
from pipeline.primitives.canonical import ordered
from pipeline.primitives.containers import two_words
from pipeline.primitives.elements import Container
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.sorting import compare_grids, sort_words
from pipeline.primitives.words import (
    BIAS,
    EMPTY,
    FIELD,
    FIRST_CELL,
    MASK,
    MISSING,
    NO_MATCH,
    NONE,
    RANGE,
    TUPLE,
    Memory,
    first_of_two,
    integer,
    is_cell,
    is_grid,
    is_reference,
    kind_of,
    length,
    list_words,
    location_of,
    put_list,
    put_two,
    second_of_two,
    set_words,
    start,
)

Keys = list[Any] | tuple[Any, ...]
_FRAME: Final = 3
_PLACES: Final = 1 << 20
"""So many places can be told apart in the bits that an integer or a pair leaves free."""


def _check(keys: Container) -> Keys:
    """The keys in order, of which there is one at least, and none is missing."""
    if not keys:
        raise Failure("EMPTY")
    return _none_missing(keys)


def _none_missing(keys: Container) -> Keys:
    if None in keys:
        raise Failure("NONE")
    return ordered(keys)


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

    Errors:  NONE if a key is missing
    """
    in_order, elements = _none_missing(keys), ordered(container)
    return tuple([elements[k] for k in sorted(range(len(keys)), key=in_order.__getitem__)])


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

    Errors:  NONE if a key is missing
    """
    in_order, elements = _none_missing(keys), ordered(container)
    places = sorted(range(len(keys)), key=in_order.__getitem__, reverse=True)
    return tuple([elements[k] for k in places])


@native(order_down, words=_order_by_words)
def _order_down(m: Memory, out: int, container: int, keys: int) -> tuple[int, int]:
    return _put_ordered(m, out, container, keys, 1)


@compiled
def _put_ordered(m: Memory, out: int, container: int, keys: int, down: int) -> tuple[int, int]:
    """Sort the elements by key, descending where `down` is 1: turned round, sorted, turned back."""
    heap, count, at = m.heap, length(m, keys), start(keys)
    is_flat = count <= _PLACES
    for k in range(count):
        key = heap[at + k]
        if key == MISSING:
            return NONE, out
        is_flat = is_flat and key > MISSING and key < FIRST_CELL
    places, mask = out + 1, _PLACES - 1
    if is_flat:
        for k in range(count):
            rank = count - 1 - k if down else k
            heap[places + rank] = (heap[at + k] + BIAS) * _PLACES + rank
        sort_words(m, places, count)
    else:
        places, mask = _sort_places(m, places, keys, down), -1
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


@compiled
def _sort_places(m: Memory, place: int, keys: int, down: int) -> int:
    """Sort the places of keys by key, equal ones by place; takes two words for each. Where `down`
    is 1 places count from the last.

    Gives where the sorted ones stand, which is `place` or behind as many words.
    """
    heap, count = m.heap, length(m, keys)
    at, step = (start(keys) + count - 1, -1) if down else (start(keys), 1)
    source, target = place, place + count
    for k in range(count):
        heap[source + k] = k
    run = 1
    while run < count:
        for low in range(0, count, 2 * run):
            left, right = low, min(low + run, count)
            middle, high = right, min(right + run, count)
            for k in range(low, high):
                takes_right = left == middle
                if left < middle and right < high:
                    x = heap[at + step * heap[source + left]]
                    y = heap[at + step * heap[source + right]]
                    takes_right = _compare_keys(m, x, y) > 0
                heap[target + k] = heap[source + (right if takes_right else left)]
                right += int(takes_right)
                left += int(not takes_right)
        source, target = target, source
        run *= 2
    return source


@compiled
def _compare_keys(m: Memory, a: int, b: int) -> int:
    """-1, 0 or 1: the order of two keys, which unlike `compare` sees in a cell the colour first.

    What is nested is followed with a stack of its own: a frame is two tuples, and how many of their
    parts are known to be equal.
    """
    if not is_reference(a) and not is_reference(b):
        return _compare_leaves(a, b)
    heap, frame = m.heap, m.scratch
    heap[frame], heap[frame + 1], heap[frame + 2] = a, b, 0
    while frame >= m.scratch:
        a, b, k = heap[frame], heap[frame + 1], heap[frame + 2]
        if is_grid(m, a) and is_grid(m, b):
            order = compare_grids(m, a, b)
            if order != 0:
                return order
            frame -= _FRAME
            continue
        size_a, size_b = _parts(m, a), _parts(m, b)
        if a == b or k == min(size_a, size_b):
            if size_a != size_b:
                return -1 if size_a < size_b else 1
            frame -= _FRAME
            continue
        heap[frame + 2] = k + 1
        x, y = _part(m, a, k), _part(m, b, k)
        if is_reference(x) or is_reference(y):
            frame += _FRAME
            heap[frame], heap[frame + 1], heap[frame + 2] = x, y, 0
        elif x != y:
            return _compare_leaves(x, y)
    return 0


@compiled
def _compare_leaves(a: int, b: int) -> int:
    if is_cell(a):
        a = ((a & MASK) << (2 * FIELD)) | location_of(a)
    if is_cell(b):
        b = ((b & MASK) << (2 * FIELD)) | location_of(b)
    return int(a > b) - int(a < b)


@compiled
def _parts(m: Memory, word: int) -> int:
    """How many parts a tuple has, which may be packed."""
    return length(m, word) if is_reference(word) else 2


@compiled
def _part(m: Memory, word: int, k: int) -> int:
    if is_reference(word):
        return m.heap[start(word) + k]
    return first_of_two(m, word) if k == 0 else second_of_two(m, word)


@primitive(
    "Tuple[a] Tuple[b] -> a",
    "Set[a] Tuple[b] -> a",
    "Set[a] Set[b] -> a",
    examples=("argmax_by((7, 8), (1, 0)) == 7", "argmax_by((7, 8), (1, 1)) == 7"),
)
def argmax_by(container: Any, keys: Container) -> Any:
    """Give the element with the largest key, the first of equals.

    Errors:  EMPTY if there is no element; NONE if a key is missing
    """
    in_order = _check(keys)
    return ordered(container)[max(range(len(keys)), key=in_order.__getitem__)]


@compiled
def _extreme(m: Memory, container: int, keys: int, sign: int) -> int:
    """The element with the first of the largest keys, of the smallest where the sign is -1."""
    heap, count, at = m.heap, length(m, keys), start(keys)
    if count == 0:
        return EMPTY
    best = 0
    for k in range(count):
        if heap[at + k] == MISSING:
            return NONE
        if sign * _compare_keys(m, heap[at + k], heap[at + best]) > 0:
            best = k
    return m.heap[start(container) + best]


@native(argmax_by)
def _argmax_by(m: Memory, container: int, keys: int) -> int:
    return _extreme(m, container, keys, 1)


@primitive(
    "Tuple[a] Tuple[b] -> a",
    "Set[a] Tuple[b] -> a",
    "Set[a] Set[b] -> a",
    examples=("argmin_by((7, 8), (1, 0)) == 8", "argmin_by((7, 8), (1, 1)) == 7"),
)
def argmin_by(container: Any, keys: Container) -> Any:
    """Give the element with the smallest key, the first of equals.

    Errors:  EMPTY if there is no element; NONE if a key is missing
    """
    in_order = _check(keys)
    return ordered(container)[min(range(len(keys)), key=in_order.__getitem__)]


@native(argmin_by)
def _argmin_by(m: Memory, container: int, keys: int) -> int:
    return _extreme(m, container, keys, -1)


@primitive(
    "Tuple[a] Tuple[b] -> b",
    "Set[a] Tuple[b] -> b",
    examples=("max_by((7, 8), (1, 0)) == 1", "max_by(frozenset({7}), ((1, 2),)) == (1, 2)"),
)
def max_by(container: Any, keys: tuple[Any, ...]) -> Any:
    """Give the largest key.

    Errors:  EMPTY if there is no element; NONE if a key is missing
    """
    _check(keys)
    return max(keys)


@native(max_by)
def _max_by(m: Memory, container: int, keys: int) -> int:
    return _extreme(m, keys, keys, 1)


@primitive(
    "Tuple[a] Tuple[b] -> b",
    "Set[a] Tuple[b] -> b",
    examples=("min_by((7, 8), (1, 0)) == 0", "min_by(frozenset({7}), ((1, 2),)) == (1, 2)"),
)
def min_by(container: Any, keys: tuple[Any, ...]) -> Any:
    """Give the smallest key.

    Errors:  EMPTY if there is no element; NONE if a key is missing
    """
    _check(keys)
    return min(keys)


@native(min_by)
def _min_by(m: Memory, container: int, keys: int) -> int:
    return _extreme(m, keys, keys, -1)


def _or(choose: Callable[..., Any], container: Any, keys: Any, otherwise: Any) -> Any:
    if container is None or keys is None:
        raise Failure("NONE")
    return choose(container, keys) if keys else otherwise


@compiled
def _extreme_or(m: Memory, container: int, keys: int, otherwise: int, sign: int) -> int:
    if container == MISSING or keys == MISSING:
        return NONE
    return _extreme(m, container, keys, sign) if length(m, keys) > 0 else otherwise


@primitive(
    "Tuple[a] Tuple[b] a -> a",
    "Set[a] Tuple[b] a -> a",
    "Set[a] Set[b] a -> a",
    examples=("argmax_or((7, 8), (1, 0), 9) == 7", "argmax_or((), (), 9) == 9"),
    accepts_none=True,
)
def argmax_or(container: Any, keys: Container, otherwise: Any) -> Any:
    """Give the element with the largest key, the first of equals; where there is none, another.

    Errors:  NONE if a key is missing
    """
    return _or(argmax_by, container, keys, otherwise)


@native(argmax_or)
def _argmax_or(m: Memory, container: int, keys: int, otherwise: int) -> int:
    return _extreme_or(m, container, keys, otherwise, 1)


@primitive(
    "Tuple[a] Tuple[b] a -> a",
    "Set[a] Tuple[b] a -> a",
    "Set[a] Set[b] a -> a",
    examples=("argmin_or((7, 8), (1, 0), 9) == 8", "argmin_or((), (), 9) == 9"),
    accepts_none=True,
)
def argmin_or(container: Any, keys: Container, otherwise: Any) -> Any:
    """Give the element with the smallest key, the first of equals; where there is none, another.

    Errors:  NONE if a key is missing
    """
    return _or(argmin_by, container, keys, otherwise)


@native(argmin_or)
def _argmin_or(m: Memory, container: int, keys: int, otherwise: int) -> int:
    return _extreme_or(m, container, keys, otherwise, -1)


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
    accepts_none=True,
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
