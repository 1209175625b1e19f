"""`S`: what Python makes of it, the interpreter, generated code, and compiled kernels, each sample
with the train pairs of its own task.
"""

from __future__ import annotations

from functools import cache
from itertools import chain

import pytest

from pipeline.battery.batteries import CompiledBattery, battery_of
from pipeline.battery.resident import Battery
from pipeline.codegen.link import Linked, link
from pipeline.data.tasks import Sample
from pipeline.frontend.parse import parse_unit
from pipeline.frontend.program import Program
from pipeline.frontend.units import split_units
from pipeline.ir.status import DEFAULT_LIMITS, ERROR, Failure
from pipeline.oracle.interpret import locate, outcome
from pipeline.oracle.murmur import grid_hash
from pipeline.oracle.reference import ReferenceRuntime
from pipeline.trust.agreement.answers import agree, build_unit
from tests.compiled import compiled_kernels
from tests.extracted import training
from tests.in_memory import config_of
from tests.programs.train_pairs import SIGNATURES, TASKS, TEXTS, solver
from tests.python_answers import python_answer

SAMPLES = tuple(chain.from_iterable(task.samples for task in TASKS))
ALONE = Sample(((1, 2),), ((2, 1),))
"""Of no task."""


@cache
def program_of(text: str) -> Program:
    """The parsed solver."""
    program, found = parse_unit(split_units("own", "a.py", text.encode())[0][0])
    assert program is not None, found
    assert not found
    return program


def direct(text: str, sample: Sample) -> object:
    """How the interpreter ends."""
    return outcome(program_of(text), sample.input, DEFAULT_LIMITS, sample.shown)


@pytest.mark.parametrize("name", TEXTS)
def test_it_means_what_it_means_in_python(name: str) -> None:
    for sample in SAMPLES:
        expected = python_answer(TEXTS[name], sample.input, True, sample.shown)
        got = direct(TEXTS[name], sample)
        if isinstance(expected, Exception):
            assert isinstance(got, Failure), (sample, expected, got)
        else:
            assert got == expected, sample


@pytest.mark.parametrize("parameters", SIGNATURES)
def test_which_parameter_it_is(parameters: str) -> None:
    pairs = SIGNATURES[parameters]
    text = solver(f"return last(last({pairs}))", parameters=parameters)
    assert direct(text, SAMPLES[0]) == TASKS[0].train[-1].output


def test_a_lambda_of_both() -> None:
    text = "solve_0a1b2c3d = lambda S, I, C: last(first(S))\n"
    assert direct(text, SAMPLES[0]) == TASKS[0].train[0].output


def test_a_default_that_says_something_is_the_value() -> None:
    text = solver("return canvas(S, UNITY)", parameters="I, S=THREE")
    assert direct(text, SAMPLES[0]) == ((3,),)


@pytest.mark.parametrize("name", TEXTS)
def test_its_generated_code_gives_the_same(name: str) -> None:
    built = build_unit(split_units("own", "a.py", TEXTS[name].encode())[0][0])
    assert built.broken is None
    samples = (*SAMPLES, ALONE)
    runtime = ReferenceRuntime([s.input for s in samples], shown=[s.shown for s in samples])
    built.solve(runtime, 0)
    for k, sample in enumerate(samples):
        assert agree(runtime.verdicts[0][k], direct(TEXTS[name], sample)), sample


@cache
def linked() -> Linked:
    """All programs in one battery, and one that uses no train pairs."""
    texts = [*TEXTS.values(), solver("return vmirror(I)")]
    units = [split_units("own", "a.py", text.encode())[0][0] for text in texts]
    return link((f"own/{k:08x}", build_unit(unit).graph_text) for k, unit in enumerate(units))


def test_a_battery_has_each_sample_s_own() -> None:
    samples = [*SAMPLES, ALONE]
    compiled = CompiledBattery(linked().image, compiled_kernels(), 64, 2)
    everything = [range(len(samples))] * len(linked().image.solvers)
    found = compiled.outcomes(samples, everything, DEFAULT_LIMITS)
    others = battery_of(linked().code).outcomes(samples, everything, DEFAULT_LIMITS)
    assert all(map(agree, chain.from_iterable(found), chain.from_iterable(others)))
    for text, row in zip(TEXTS.values(), found, strict=False):
        for sample, got in zip(samples, row, strict=True):
            assert agree(direct(text, sample), got), (text, sample)
    assert found[-1] == [tuple(row[::-1] for row in s.input) for s in samples]


def test_published_tasks_on_each_other_s_programs() -> None:
    samples = [s for task in [*training().values()][::16] for s in task.samples]
    compiled = CompiledBattery(linked().image, compiled_kernels(), 64, 2)
    wanted = [range(k % 4, len(samples), 4) for k in range(len(TEXTS))]
    found = compiled.outcomes(samples, [*wanted, ()], DEFAULT_LIMITS)
    ended = 0
    for text, places, row in zip(TEXTS.values(), wanted, found, strict=False):
        for k, got in zip(places, row, strict=True):
            assert agree(direct(text, samples[k]), got), (text, k)
            ended += not isinstance(got, Failure)
    assert ended > len(samples)


def test_a_sample_of_no_task_has_none() -> None:
    text = TEXTS["how many there are"]
    found = direct(text, ALONE)
    assert isinstance(found, Failure)
    assert str(found) == "error: the task's train pairs: NONE: a value is missing"
    located = locate(program_of(text), ALONE.input)
    assert located is not None
    assert (located[0].line, located[0].column) == (1, 20)


def hash_of(end: object) -> list[int]:
    """What scores have of how a lane ended."""
    return [0, 0] if isinstance(end, Failure) else list(grid_hash(end))


def test_in_memory_tasks_have_theirs_and_pairs_none() -> None:
    pairs = [(s.input, s.output) for s in SAMPLES]
    with Battery({task.id: task for task in TASKS}, config=config_of(2, DEFAULT_LIMITS)) as battery:
        battery.evaluate([solver("return I", parameters="I")])  # so that they are encoded without
        scores = battery.evaluate(TEXTS)
        for k, text in enumerate(TEXTS.values()):
            wanted = [hash_of(direct(text, sample)) for sample in SAMPLES]
            assert scores.value_hash[k].tolist() == wanted, text
        text = TEXTS["how many there are"]
        battery.use(pairs)
        assert set(battery.evaluate([text]).status.ravel()) == {ERROR}
        battery.use({"train": pairs, "test": []})
        shown = [Sample(*pair, tuple(pairs)) for pair in pairs]
        wanted = [hash_of(direct(text, sample)) for sample in shown]
        assert battery.evaluate([text]).value_hash[0].tolist() == wanted
