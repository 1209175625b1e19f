"""The linked battery: whole for three solvers that share work, and what link refuses."""

from __future__ import annotations

import ast
import itertools
import json
import re
import sys
from pathlib import Path
from types import FrameType

import pytest

from pipeline.codegen.graph_text import BadGraph
from pipeline.codegen.link import Linked, link
from pipeline.engine.image import image_bytes
from pipeline.system.fingerprint import LINKER, stamps
from tests.codegen.test_emit import SOLVERS, compiled_at, unit_at
from tests.passes.goldens import check_golden
from tests.programs_text import graph_of
from tests.project import PROJECT

GOLDEN = Path(__file__).parent / "golden"
SHARING = {
    "test/a": "o = partition(I); m = argmax(o, size); subgrid(m, I)",
    "test/b": (
        "o = partition(I); m = argmax(o, size); n = argmin(o, height); paint(I, combine(m, n))"
    ),
    "test/c": "n = height(I); f = power(rbind(hupscale, n), n); f(hmirror(I))",
}
GRAPHS = [(name, graph_of(body)) for name, body in SHARING.items()]
LOOPING = GRAPHS[2][1]


def test_three_solvers_that_share_work() -> None:
    linked = link(GRAPHS)
    check_golden(GOLDEN / "batt.py.txt", linked.code)
    check_golden(GOLDEN / "batt.map.json", linked.link_map)


def written(linked: Linked) -> tuple[str, str, str, bytes]:
    """All that is written."""
    image = image_bytes(linked.image, linked.code.encode())
    return linked.code, linked.link_map, linked.statistics, image


def test_the_order_of_the_graphs_makes_no_difference() -> None:
    assert len({written(link(order)) for order in itertools.permutations(GRAPHS)}) == 1


def test_a_node_of_several_solvers_is_there_once() -> None:
    code = link(GRAPHS).code
    assert code.count("rt.partition(") == 1
    assert code.count("rt.input(") == 1


def test_a_solver_twice_under_two_names_costs_nothing_more() -> None:
    one = link([("a", GRAPHS[0][1])]).code
    two = link([("a", GRAPHS[0][1]), ("b", GRAPHS[0][1])]).code
    assert two.count("\n    n") == one.count("\n    n")
    assert two.count("rt.verdict(") == 2


def test_loops_are_shared_whatever_their_nodes_are_called() -> None:
    shifted = graph_of(
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
OURS = link((unit_at(path).name, compiled_at(path).graph) for path in SOLVERS)


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


def test_all_code_that_makes_a_battery_is_among_its_sources() -> None:
    package = PROJECT / "pipeline"
    known = stamps(str(package), LINKER)
    seen: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            seen.add(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        written(link(GRAPHS))
    finally:
        sys.setprofile(None)
    ours = {name for name in seen if name.startswith(f"{package}/")}
    assert {str(package / name) for name in ("codegen/link.py", "engine/lower.py")} < ours
    assert ours <= known.keys()


FOREIGN = {
    "nothing": "",
    "a word": "hello",
    "a list of nothing": "[]",
    "a generated module": "def solve(rt):\n    return rt.lanes()\n",
    "cut short": LOOPING[: len(LOOPING) // 3],
    "no nodes": "[1,[]]",
    "half a node": LOOPING.rpartition(",[")[0] + "]",
    "a node that is not there": LOOPING.replace("[0,1]", "[0,99]", 1),
    "a type that is none": LOOPING.replace("|Grid|", "|Grit|", 1),
    "an effect of nothing": "[1,[77]," + LOOPING.partition("],")[2],
    "a loop without an opener": '[1,[],"looped|Grid|_;_|0",[0,1,1]]',
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_text_that_is_no_graph_is_refused_by_name(name: str) -> None:
    with pytest.raises(BadGraph) as caught:
        link([*GRAPHS, ("other/deadbeef", FOREIGN[name])])
    assert str(caught.value).startswith("other/deadbeef: ")
