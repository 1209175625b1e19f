"""The linked battery: whole for three solvers that share work, and what link refuses."""

from __future__ import annotations

import ast
import itertools
import json
import re
from pathlib import Path

import pytest

from pipeline.codegen.link import BadModule, link
from tests.codegen.test_emit import SOLVERS, compiled_at, unit_at
from tests.passes.goldens import check_golden
from tests.programs_text import code_of

GOLDEN = Path(__file__).parent / "golden"
SHARING = {
    "test/a": "o = partition(I); m = argmax(o, size); subgrid(m, I)",
    "test/b": (
        "o = partition(I); m = argmax(o, size); n = argmin(o, height); paint(I, combine(m, n))"
    ),
    "test/c": "n = height(I); f = power(rbind(hupscale, n), n); f(hmirror(I))",
}
MODULES = [(name, code_of(body, name[-1])) for name, body in SHARING.items()]
LOOPING = MODULES[2][1]


def test_three_solvers_that_share_work() -> None:
    linked = link(MODULES)
    check_golden(GOLDEN / "batt.py.txt", linked.code)
    check_golden(GOLDEN / "batt.map.json", linked.link_map)


def test_the_order_of_the_modules_makes_no_difference() -> None:
    assert len({link(order) for order in itertools.permutations(MODULES)}) == 1


def test_a_node_of_several_solvers_is_there_once() -> None:
    code = link(MODULES).code
    assert code.count("rt.partition(") == 1
    assert code.count("rt.input(") == 1


def test_a_solver_twice_under_two_names_costs_nothing_more() -> None:
    one = link([("a", MODULES[0][1])]).code
    two = link([("a", MODULES[0][1]), ("b", MODULES[0][1])]).code
    assert two.count("\n    n") == one.count("\n    n")
    assert two.count("rt.verdict(") == 2


def test_loops_are_shared_whatever_their_nodes_are_called() -> None:
    shifted = code_of(
        "x = rot90(I); n = height(I); f = power(rbind(hupscale, n), n); f(hmirror(I))"
    )
    code = link([("a", LOOPING), ("b", shifted)]).code
    assert code.count("rt.looped(") == 1


def test_lines_of_a_group_have_one_operation_and_do_not_need_each_other() -> None:
    body = OURS.code.split('wants from them."""\n')[1].split("\n\n\n")[0]
    for group in body.split("    # ")[1:]:
        head, *lines = group.rstrip("\n").split("\n")
        count, operation = head.split(" x ")
        calls = [line for line in lines if line.startswith("    ") and "    rt." not in line[4:]]
        outer = [line for line in calls if not line.startswith("     ") and "def " not in line]
        assert len(outer) == int(count)
        assert {re.findall(r"rt\.(\w+)\(", line)[0] for line in outer} == {operation}
        made = {line.split(":")[0].split(" = ")[0].strip() for line in outer}
        used = {name for line in outer for name in re.findall(r"\b[ndu]\d+(?:_\d+)?\b", line)[1:]}
        assert not made & used


def test_the_statistics_count_nodes_and_groups() -> None:
    facts = json.loads(OURS.statistics)
    sizes = {int(size): count for size, count in facts["sizes"].items()}
    assert facts["solvers"] == len(SOLVERS)
    assert facts["groups"] == sum(sizes.values())
    assert facts["groups"] == len(re.findall(r"^    # \d+ x (?!lanes)", OURS.code, re.MULTILINE))
    assert facts["nodes"] == len(re.findall(r" = rt\.(?!lanes)|    rt\.verdict", OURS.code))


def test_nothing_links_to_an_empty_battery() -> None:
    linked = link([])
    ast.parse(linked.code)
    assert json.loads(linked.link_map) == {}


OUR_MODULES = [(unit_at(path).name, compiled_at(path).code or "") for path in SOLVERS]
OURS = link(OUR_MODULES)


def test_all_our_solvers_link_to_a_python_module() -> None:
    ast.parse(OURS.code)
    assert OURS.code.count("rt.verdict(") == len(SOLVERS)
    assert re.search(r"\b(19|20)\d\d-\d\d|/", OURS.code.replace("own/", "")) is None


def test_the_link_map_has_every_node_outside_of_loops() -> None:
    maps = json.loads(OURS.link_map)
    assert list(maps) == sorted(name for name, _ in OUR_MODULES)
    line = re.compile(r"^    ([nd]\d+)(?:: (.+))? = rt\.(\w+)\(", re.MULTILINE)
    linked = {name: (kind, op) for name, kind, op in line.findall(OURS.code)}
    for name, code in OUR_MODULES:
        nodes = [found for found in line.findall(code) if found[0] != "d0"]
        assert list(maps[name]) == [node for node, _, _ in nodes]
        for node, kind, op in nodes:
            assert linked[maps[name][node]] == (kind, op)


def test_a_name_is_made_before_it_is_used() -> None:
    made: set[str] = set()
    for line in OURS.code.split("rt):\n", 1)[1].split("\n\n\n")[0].split("\n")[1:]:
        target, _, right = line.strip().partition(" = ")
        if target.startswith("#"):
            continue
        if line.startswith(("     ", "    def ")):
            made.update(re.findall(r"\bv\d+\b", line))
            continue
        assert set(re.findall(r"\b[ndu]\d+(?:_\d+)?\b", right or target)) <= made
        made.add(target.split(":")[0])


FOREIGN = {
    "nothing": "",
    "a word": "hello",
    "another module": "import os\n\nprint(os.getcwd())\n",
    "another solver": "def solve(rt):\n    return rt.lanes()\n",
    "no head": LOOPING.split("d0 = rt.lanes(solver)\n")[1],
    "no verdict": LOOPING.split("    rt.verdict")[0],
    "cut short": LOOPING[: len(LOOPING) // 3],
    "cut in a loop": LOOPING.split("        return")[0],
    "a line too many": LOOPING.replace("    rt.verdict", "    import os\n    rt.verdict"),
    "a name that is not made": LOOPING.replace("rt.height(d0, n0)", "rt.height(d0, n77)"),
    "a verdict on nothing": re.sub(r"solver, d0, n\d+", "solver, d0, n77", LOOPING),
    "an effect of nothing": re.sub(r"after=\(n\d+, ", "after=(n77, ", LOOPING),
    "an older form": LOOPING.replace("  # ", "  ## ").replace("  ## ", ""),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_module_that_is_none_is_refused_by_name(name: str) -> None:
    with pytest.raises(BadModule) as caught:
        link([*MODULES, ("other/deadbeef", FOREIGN[name])])
    assert str(caught.value).startswith("other/deadbeef: ")
