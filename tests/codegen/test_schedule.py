"""The schedule: every line once, what a line needs before it, one operation a group, few groups."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.codegen.schedule import schedule
from tests.project import PROJECT

Lines = tuple[list[str], list[list[int]]]
"""The operation of each line, and the lines before it that it needs."""


def _program(drawn: list[tuple[str, list[int]]]) -> Lines:
    """A line may name another one twice, and need many or none."""
    needs = [[n % k for n in numbers] if k else [] for k, (_, numbers) in enumerate(drawn)]
    return [operation for operation, _ in drawn], needs


_NUMBERS = st.lists(st.integers(0, 60), max_size=3)
lines = st.lists(st.tuples(st.sampled_from("abcd"), _NUMBERS), max_size=20).map(_program)
"""Random programs."""


def longest_chain(needs: list[list[int]]) -> int:
    """How many lines need each other, one after another."""
    depths: list[int] = []
    for needed in needs:
        depths.append(1 + max((depths[other] for other in needed), default=0))
    return max(depths, default=0)


@given(lines)
def test_every_line_is_in_one_group_and_ascends_in_it(program: Lines) -> None:
    groups = schedule(*program)
    assert sorted(line for group in groups for line in group) == list(range(len(program[0])))
    assert all(group and group == sorted(group) for group in groups)


@given(lines)
def test_what_a_line_needs_is_in_an_earlier_group(program: Lines) -> None:
    groups = schedule(*program)
    place = {line: k for k, group in enumerate(groups) for line in group}
    for line, needed in enumerate(program[1]):
        assert all(place[other] < place[line] for other in needed)


@given(lines)
def test_a_group_is_of_one_operation(program: Lines) -> None:
    operations = program[0]
    assert all(len({operations[k] for k in group}) == 1 for group in schedule(*program))


@given(lines)
def test_groups_are_no_more_than_lines_and_no_fewer_than_the_longest_chain(program: Lines) -> None:
    operations, needs = program
    count = len(schedule(operations, needs))
    assert max(len(set(operations)), longest_chain(needs)) <= count <= len(operations)


@given(lines)
def test_the_input_is_left_alone_and_gives_the_same_again(program: Lines) -> None:
    operations, needs = program
    copy = list(operations), [list(needed) for needed in needs]
    first = schedule(operations, needs)
    assert (operations, needs) == copy
    assert schedule(tuple(operations), tuple(map(tuple, needs))) == first


@given(lines)
def test_what_operations_are_called_decides_ties_only(program: Lines) -> None:
    operations, needs = program
    renamed = [f"operation {name}" for name in operations]
    assert schedule(renamed, needs) == schedule(operations, needs)


@given(lines, st.integers(2, 3))
def test_copies_of_a_program_take_no_more_groups(program: Lines, copies: int) -> None:
    operations, needs = program
    count = len(operations)
    more = [[other + k * count for other in needed] for k in range(copies) for needed in needs]
    assert len(schedule(operations * copies, more)) == len(schedule(operations, needs))


SMALL: dict[str, tuple[Lines, list[list[int]]]] = {
    "nothing": (([], []), []),
    "one line": ((["a"], [[]]), [[0]]),
    "lines of one operation run together": ((["a"] * 3, [[], [], []]), [[0, 1, 2]]),
    "unless one needs the other": ((["a"] * 3, [[], [0], [0]]), [[0], [1, 2]]),
    "a chain": ((["a", "b", "a"], [[], [0], [1]]), [[0], [1], [2]]),
    "waits where most of an operation's lines are to come": (
        (["a", "b", "a", "a", "a"], [[], [], [1], [1], [1]]),
        [[1], [0, 2, 3, 4]],
    ),
    "waits for nothing on the critical path": (
        (["a", "b", "c", "d", "e", "b"], [[], [0], [1], [2], [3], [0]]),
        [[0], [1, 5], [2], [3], [4]],
    ),
    "a line needed twice by one line": ((["a", "b"], [[], [0, 0]]), [[0], [1]]),
    "of equals the first name": ((["b", "a"], [[], []]), [[1], [0]]),
}


@pytest.mark.parametrize("name", SMALL)
def test_small_programs(name: str) -> None:
    (operations, needs), groups = SMALL[name]
    assert schedule(operations, needs) == groups


CODE = """
import random
from pipeline.codegen.schedule import schedule
rng = random.Random(5)
operations = [rng.choice(["fill", "crop", "size", "paint", "each"]) for _ in range(400)]
needs = [rng.sample(range(k), min(k, rng.randint(0, 3))) for k in range(400)]
print(schedule(operations, needs))
"""


def test_every_process_gives_the_same_schedule() -> None:
    printed = [
        subprocess.run(
            [sys.executable, "-c", CODE],
            cwd=PROJECT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert printed[0] == printed[1]
    assert printed[0].startswith("[[")
