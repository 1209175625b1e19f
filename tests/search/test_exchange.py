"""What islands tell each other: who has which puzzle, and what they have together afterwards."""

from __future__ import annotations

from pipeline.search.exchange import dealt, merged, seen_by_all
from pipeline.search.islands import HASH, Inhabitant
from pipeline.search.population import MOST_MEMBERS, MOST_SEEN


def row(name: str, gain: float, behaviour: int = 0, size: int = 1) -> Inhabitant:
    """A member of a population."""
    return Inhabitant(name, "", "", 0, behaviour.to_bytes(HASH, "big"), gain, 0, size)


def test_puzzles_with_the_fewest_rounds_are_first() -> None:
    left = [("a", 5), ("b", 1), ("c", 5), ("d", 1)]
    assert dealt(left, 3) == [("b", (0, 1)), ("d", (0, 1)), ("a", (0, 1))]


def test_where_few_are_left_islands_share_them_but_for_what_is_the_same_for_all() -> None:
    assert dealt([("a", 3), ("b", 0), ("c", 1)], 8) == [
        *(("b", (0, 1)),),
        *(("c", (own, 3)) for own in range(3)),
        *(("a", (own, 2)) for own in range(2)),
    ]
    assert dealt([], 8) == []


def test_of_a_behaviour_the_best_member_stays_in_the_place_of_the_first() -> None:
    first, second = [row("a", 0.1), row("b", 0.5, 1)], [row("c", 0.2), row("d", 0.5, 1, size=9)]
    assert [member.text for member in merged([first, second])] == ["c", "b"]
    assert merged([second]) == tuple(second)
    assert merged([[row("b", 0.1)], [row("a", 0.1)]]) == (row("a", 0.1),)


def test_a_population_does_not_grow_beyond_what_one_holds() -> None:
    parts = [[row(f"{k}", k / 999, k) for k in range(own, 400, 2)] for own in range(2)]
    found = merged(parts)
    assert len(found) == MOST_MEMBERS
    assert min(member.gain for member in found) == (400 - MOST_MEMBERS) / 999


def test_what_was_seen_is_kept_once_and_the_oldest_is_forgotten() -> None:
    each = [k.to_bytes(HASH, "big") for k in range(MOST_SEEN + 2)]
    assert seen_by_all(b"".join(each[:2]), [each[1] + each[2], each[2]]) == b"".join(each[:3])
    assert seen_by_all(b"".join(each[:-1]), [each[-1]]) == b"".join(each[2:])
