"""Long, wide and deep programs: compiled or refused with a sentence, soon, and on a small stack."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import pytest

from pipeline.frontend.parse import parse_unit
from pipeline.frontend.units import split_units
from pipeline.oracle.interpret import outcome
from tests.frontend.reports import compile_file, solver


def chain(first: str, link: str, count: int, last: str) -> str:
    """`v0 = first`, then `v1 = link` with `{}` for v0, and so on; `{}` in the last is the last."""
    names = [f"v{k}" for k in range(count)]
    links = [f"{b} = {link.replace('{}', a)}" for a, b in itertools.pairwise(names)]
    return solver(f"v0 = {first}", *links, *last.replace("{}", names[-1]).split("; "))


def each(count: int, statement: str) -> str:
    """The statement for #0, #1, ...; then a return."""
    return solver(*(statement.replace("#", str(k)) for k in range(count)), "return I")


COMPILES = {
    "10,000 statements in a row": chain("I", "hmirror({})", 10_000, "return {}"),
    "10,000 statements side by side": each(9_999, "v# = hmirror(I)"),
    "10,000 keyword arguments": each(9_999, "v# = hmirror(piece=I)"),
    "4,000 element domains": each(4_000, "v# = apply(size, I)"),
    "3,000 loops": "def solve_a(I):\n    f = power(rot90, height(I))\n"
    + each(3_000, "v# = f(I)").split("\n", 1)[1],
    "a tuple of 15,000": solver(f"v = ({', '.join(['I'] * 15_000)})", "return I"),
    "calls 50 deep": solver(f"return {'hmirror(' * 50}I{')' * 50}"),
    "functions 64 deep": chain("hmirror", "compose({}, rot90)", 64, "return {}(I)"),
    "40 choices between choices": chain(
        "branch(square(I), (rot90, rot180), (rot180, rot90))",
        "branch(square(I), {}, {})",
        40,
        "t = totuple({}); return I",
    ),
    "loops 10 deep": chain("rot90", "power({}, height(I))", 11, "return {}(I)"),
}
REFUSED = {
    "25,000 statements": (
        chain("I", "hmirror({})", 25_000, "return {}"),
        "program-too-large",
    ),
    "calls 5,000 deep": (solver(f"return {'hmirror(' * 5_000}I{')' * 5_000}"), "syntax-error"),
    "calls 180 deep": (solver(f"return {'hmirror(' * 180}I{')' * 180}"), "too-deep"),
    "10,000 compose": (chain("rot90", "compose({}, rot90)", 10_000, "return {}(I)"), "too-deep"),
    "10,000 compose inside": (
        chain("rot90", "compose(rot90, {})", 10_000, "return {}(I)"),
        "too-deep",
    ),
    "10,000 doublings": (
        chain("rot90", "fork(hconcat, {}, {})", 10_000, "return {}(I)"),
        "too-deep",
    ),
    "30 doublings": (
        chain("rot90", "fork(hconcat, {}, {})", 30, "return {}(I)"),
        "program-too-large",
    ),
    "40 doublings without a node": (
        chain("identity", "compose({}, {})", 40, "return {}(I)"),
        "program-too-large",
    ),
    "powers of powers": (
        chain("identity", "power({}, 8)", 30, "return {}(I)"),
        "program-too-large",
    ),
    "40 doublings of a value": (chain("I", "({}, {})", 40, "return I"), "too-deep"),
    "10,000 sets in sets": (chain("I", "initset({})", 10_000, "return {}"), "too-deep"),
    "10,000 sets in sets for nobody": (
        chain("I", "initset({})", 10_000, "return I"),
        "program-too-large",
    ),
    "40 doublings of functions": (
        chain("(size, first)", "combine({}, {})", 40, "return I"),
        "program-too-large",
    ),
    "40 tuples of functions twice": (
        chain("(size, first)", "({}, {})", 40, "s = initset({}); return I"),
        "program-too-large",
    ),
    "40 choices between others": (
        solver(
            "a0 = (rot90, rot180); b0 = (rot180, rot90); s = square(I); p = portrait(I)",
            *(
                f"a{k + 1} = branch(s, a{k}, b{k}); b{k + 1} = branch(p, b{k}, a{k})"
                for k in range(40)
            ),
            "t = totuple(a40); return rapply(t, I)[0]",
        ),
        "program-too-large",
    ),
    "10,000 unknown names": (each(10_000, "v# = name#(I)"), "unknown-name"),
    "10,000 names used too early": (
        solver(*(f"v{k} = hmirror(v{k + 1})" for k in range(10_000)), "v10000 = I", "return I"),
        "used-before-assignment",
    ),
    "10,000 attributes": (each(10_000, "v# = I.x"), "unsupported-syntax"),
    "10,000 wrong types": (
        solver(
            *(f"v{k} = size(ONE)" for k in range(10_000)),
            f"return ({', '.join(f'v{k}' for k in range(10_000))})",
        ),
        "type-mismatch",
    ),
    "10,000 wrong types for nobody": (each(10_000, "v# = size(ONE)"), "program-too-large"),
    "brackets": (solver(f"x = {'(' * 5_000}I{')' * 5_000}", "return x"), "syntax-error"),
    "minuses": (solver(f"x = {'-' * 5_000}1", "return x"), "too-deep"),
    "sums": (solver(f"x = {' + '.join(['1'] * 5_000)}", "return x"), "too-deep"),
    "powers": (solver(f"x = {'**'.join(['1'] * 5_000)}", "return x"), "too-deep"),
    "lambdas": (solver(f"x = {'lambda: ' * 5_000}1", "return x"), "too-deep"),
    "attributes": (solver(f"x = I{'.a' * 5_000}", "return x"), "too-deep"),
    "subscripts": (solver(f"x = I{'[0]' * 5_000}", "return x"), "too-deep"),
    "calls of calls": (solver(f"x = I{'(I)' * 5_000}", "return x"), "too-deep"),
    "negations": (solver(f"x = {'not ' * 5_000}1", "return x"), "too-deep"),
    "conditions": (solver(f"x = {'1 if 1 else ' * 5_000}1", "return x"), "too-deep"),
    "elif": (solver("if I: pass", *["elif I: pass"] * 5_000, "return I"), "too-deep"),
    "digits": (solver(f"x = {'9' * 100_000}", "return I"), "integer-too-large"),
    "hexadecimal digits": (solver(f"x = 0x{'f' * 100_000}", "return I"), "integer-too-large"),
    "brackets with an error inside": (
        solver(f"x = {'[{(' * 60}a b{')}]' * 60}", "return I"),
        "syntax-error",
    ),
}


def in_thread(work: Callable[[], object]) -> None:
    """Run the work on a thread's stack, which may be smaller; what it raises is raised here."""
    raised: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]


def here_and_in_thread(work: Callable[[], object]) -> None:
    """Run the work here and in a thread, whose stack is smaller; it must come to an end in both."""
    work()
    in_thread(work)


@pytest.mark.parametrize("name", COMPILES)
def test_it_compiles_and_runs(name: str) -> None:
    def work() -> None:
        (compiled,), found = compile_file(COMPILES[name].encode())
        assert found == []
        assert compiled.code is not None

    here_and_in_thread(work)
    (unit,), _ = split_units("test", "a.py", COMPILES[name].encode())
    program, _ = parse_unit(unit)
    assert program is not None
    in_thread(lambda: outcome(program, ((1, 2), (3, 4))))


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_a_sentence(name: str) -> None:
    text, code = REFUSED[name]

    def work() -> None:
        (compiled,), found = compile_file(text.encode())
        assert compiled.code is None
        assert found
        codes = {d.code for d in found}
        # Newer Pythons read what is nested deeper, and then it is for what stands there.
        assert codes == {code} or (code, codes) == ("too-deep", {"unsupported-syntax"})

    here_and_in_thread(work)


def test_functions_that_capture_shared_functions_are_looked_at_once() -> None:
    last = (
        "m = compose(lbind(compose, {}), lbind(lbind, add)); fs = apply(m, palette(I)); "
        "return canvas(maximum(rapply(fs, ONE)), UNITY)"
    )
    text = chain("identity", "compose({}, {})", 12, last)
    assert compile_file(text.encode())[1] == []


DEEPEST = {
    "compose": ("hmirror", "compose({}, rot90)", 64, "I"),
    "chain": ("hmirror", "chain(identity, identity, {})", 64, "I"),
    "fork": ("hmirror", "fork(lbind(branch, T), {}, identity)", 60, "I"),
    "power": ("hmirror", "power({}, ONE)", 64, "I"),
    "apply": ("hmirror", "lbind(apply, {})", 32, "x30"),
    "mapply": ("initset", "lbind(mapply, {})", 32, "x31"),
    "valmax": ("size", "rbind(valmax, {})", 32, "x32"),
    "order": ("size", "compose(size, rbind(order, {}))", 22, "x22"),
    "rapply": ("hmirror", "compose(first, lbind(rapply, initset({})))", 22, "I"),
}


@pytest.mark.parametrize("name", DEEPEST)
def test_the_deepest_that_compiles_is_interpreted_on_an_ordinary_stack(name: str) -> None:
    first, link, count, argument = DEEPEST[name]
    sets = ["x0 = initset(I)", *(f"x{k + 1} = initset(x{k})" for k in range(32))]
    call = f"y = {'identity(' * 48}{{}}({argument}){')' * 48}"
    text = chain(first, link, count, "; ".join([*sets, call, "return I"]))
    (unit,), _ = split_units("test", "a.py", text.encode())
    program, found = parse_unit(unit)
    assert compile_file(text.encode())[1] == found == []
    assert program is not None
    assert outcome(program, ((1, 2), (3, 4))) == ((1, 2), (3, 4))
