"""PTX: every kernel compiles for several kinds of GPU where there is none, and all of them link."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from numba.cuda import dispatcher

from pipeline.engine.cuda import cubins, target, texts
from pipeline.engine.cuda.cubins import LinkError
from pipeline.engine.cuda.target import Gpu
from pipeline.engine.cuda.texts import MAIN
from pipeline.kernels import store
from pipeline.kernels.names import instruction_names, needs, symbol_of
from pipeline.kernels.processor import PROCESSOR
from tests.compiled import KERNELS
from tests.project import PROJECT
from tests.ptx import CAPABILITIES, SOME, ptx_of

NAMES = texts.names()
SYMBOLS = {symbol_of(name) for name in NAMES if name != MAIN}
DEFINED = re.compile(r"^\.visible \.func\s*(?:\([^)]*\))?\s*(\w+)\s*\(", re.MULTILINE)
EXTERNAL = re.compile(r"^\.extern \.(?!param)(\w+)\s*(?:\([^)]*\))?\s*(\w+)", re.MULTILINE)
CALLED = re.compile(r"^\s*call(?:\.uni)?\s*(?:\([^)]*\),)?\s*(\w+)\s*,?", re.MULTILINE)

KERNEL = pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name, marks=() if name in SOME else pytest.mark.long("compiling takes minutes")
        )
        for name in NAMES
    ],
)


def test_numba_cuda_loads_with_a_numpy_that_has_dropped_a_name() -> None:
    # As NumPy 2.5 has: what Numba CUDA loads to compile anything asks for it.
    code = (
        "import numpy; vars(numpy).pop('row_stack', None); assert not hasattr(numpy, 'row_stack')\n"
        f"import {target.__name__}\n"
        "import numba.cuda.np.arrayobj\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True)
    assert (done.returncode, done.stderr.decode()) == (0, "")


# -- one kernel


@KERNEL
def test_a_kernel_compiles_for_every_kind_of_gpu(name: str) -> None:
    for capability in CAPABILITIES:
        text = ptx_of(name, capability)
        kind = f"sm_{capability[0]}{capability[1]}"
        assert re.findall(r"^\.target (\w+)", text, re.MULTILINE) == [kind]
        assert re.findall(r"^\.address_size (\d+)", text, re.MULTILINE) == ["64"]
        if name == MAIN:
            assert len(target.ENTRY.findall(text)) == 1
            assert DEFINED.findall(text) == []
        else:
            assert DEFINED.findall(text) == [symbol_of(name)]
            assert ".entry" not in text


@KERNEL
def test_a_kernel_calls_nothing_but_other_kernels(name: str) -> None:
    wanted = {symbol_of(needed) for needed in needs(name)}
    if name == MAIN:
        wanted = {symbol_of(other) for other in instruction_names()}
    for capability in CAPABILITIES:
        text = ptx_of(name, capability)
        external = EXTERNAL.findall(text)
        assert {kind for kind, _ in external} <= {"func"}
        assert {symbol for _, symbol in external} <= wanted & SYMBOLS
        assert len(external) == len(set(external))
        assert set(CALLED.findall(text)) <= {symbol for _, symbol in external}


def test_the_main_kernel_calls_every_instruction() -> None:
    text = ptx_of(MAIN, CAPABILITIES[0])
    wanted = {symbol_of(name) for name in instruction_names()}
    assert set(CALLED.findall(text)) == wanted


@pytest.mark.parametrize("name", ["open_domains", "close", "pack", "convert", "select", MAIN])
def test_a_kernel_that_divides_its_work_waits_for_its_team(name: str) -> None:
    assert "bar.sync" in ptx_of(name, CAPABILITIES[0])


def test_threads_add_to_words_that_they_share_at_once() -> None:
    for name in (MAIN, "convert", "combine", "hmirror"):
        assert re.search(r"atom\.(\w+\.)*add\.u64", ptx_of(name, CAPABILITIES[0])), name
    assert "atom" not in ptx_of("increment", CAPABILITIES[0])


# -- compiling


def test_a_capability_is_stated_only_while_a_kernel_is_compiled() -> None:
    known = dispatcher.get_current_device
    with target.stated((8, 9)):
        assert dispatcher.get_current_device().compute_capability == (8, 9)
    assert dispatcher.get_current_device is known
    with pytest.raises(ZeroDivisionError), target.stated((8, 9)):
        raise ZeroDivisionError
    assert dispatcher.get_current_device is known


def test_a_kernel_is_compiled_alike_however_many_kinds_there_are() -> None:
    known = ptx_of("increment", CAPABILITIES[1])
    (text,) = target.compile_ptx("increment", CAPABILITIES[1:2])
    one = Gpu(CAPABILITIES[1]).compile("increment").decode()
    begins = known.index(".visible .func")
    assert {t[t.index(".visible .func") :] for t in (text, one)} == {known[begins:]}


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 161])
def test_the_dispatch_calls_each_kernel_by_its_number(count: int) -> None:
    called: list[tuple[Any, ...]] = []

    def kernel(number: int) -> Callable[..., None]:
        return lambda *args: called.append((number, *args))

    class Memory:
        heap, colours, state, rank, team = range(10, 15)

    scope: dict[str, Any] = {f"kernel_{k}": kernel(k) for k in range(count)}
    exec(texts.dispatch_source(count), scope)
    for number in range(count):
        scope["run_code"](Memory, number, 20, 30)
    assert called == [(number, 10, 11, 12, 13, 14, 20, 30) for number in range(count)]


def test_numbers_are_the_same_for_all_batteries() -> None:
    numbers = texts.numbers()
    assert sorted(numbers, key=lambda name: numbers[name]) == sorted(instruction_names())
    assert sorted(numbers.values()) == list(range(len(numbers)))


def test_kinds_of_gpu_are_kept_apart() -> None:
    folders = {Gpu(capability).folder for capability in CAPABILITIES}
    assert len(folders) == len(CAPABILITIES)
    assert {folder.partition("-")[0] for folder in folders} == {"sm_60", "sm_90", "sm_120"}
    assert PROCESSOR.folder not in folders


def test_digests_change_with_how_kernels_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = Gpu(CAPABILITIES[0])
    before = {name: store.digest_of(name, gpu) for name in NAMES}
    assert len(set(before.values())) == len(NAMES)
    assert before["add"] != store.digest_of("add", PROCESSOR)
    monkeypatch.setattr(Gpu, "text", b"another text")
    assert all(store.digest_of(name, gpu) != before[name] for name in NAMES)


def test_the_main_kernel_is_another_one_where_numbers_mean_other_kernels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gpu = Gpu(CAPABILITIES[0])
    before = store.digest_of(MAIN, gpu)
    others = {name: k for k, name in enumerate(sorted({*instruction_names(), "abc"} - {"add"}))}
    assert len(others) == len(texts.numbers())
    monkeypatch.setattr(target, "numbers", lambda: others)
    assert store.digest_of(MAIN, gpu) != before


# -- linking

HEAD = ".version 7.5\n.target sm_75\n.address_size 64\n"
CALLER = """
.extern .func (.param .b64 result) other
(
    .param .b64 a
)
;
.visible .entry start(.param .u64 place)
{
    .reg .b64 %a<3>;
    ld.param.u64 %a1, [place];
    {
        .param .b64 given;
        .param .b64 got;
        st.param.b64 [given], %a1;
        call.uni (got), other, (given);
        ld.param.b64 %a2, [got];
    }
    ret;
}
"""
OTHER = """
.visible .func RESULT other(PARAMETERS)
{
    .reg .b64 %a;
    ld.param.b64 %a, [a];
    STORE
    ret;
}
"""


def other(result: str = ".b64", parameters: tuple[str, ...] = (".b64",)) -> str:
    """A function that the caller may call."""
    listed = ", ".join(f".param {kind} {'ab'[k]}" for k, kind in enumerate(parameters))
    text = OTHER.replace("PARAMETERS", listed)
    text = text.replace("RESULT", f"(.param {result} r)" if result else "")
    return text.replace("STORE", "st.param.b64 [r], %a;" if result == ".b64" else "")


def linked(*parts: str) -> bytes:
    """Machine code of texts without their heads."""
    return cubins.link([(HEAD + part).encode() for part in parts], (8, 9))


@pytest.mark.parametrize("order", [1, -1])
def test_a_function_is_found_whatever_the_order(order: int) -> None:
    assert linked(*[CALLER, other()][::order])[:4] == b"\x7fELF"


def test_a_function_that_is_not_there_is_an_error_that_names_it() -> None:
    with pytest.raises(LinkError, match="Undefined reference to 'other'"):
        linked(CALLER)


@pytest.mark.parametrize(
    ("result", "parameters"),
    [(".b64", (".b64", ".b64")), ("", (".b64",)), (".b32", (".b64",)), (".b64", (".b32",))],
)
@pytest.mark.parametrize("order", [1, -1])
def test_a_function_called_otherwise_than_it_is_defined_is_an_error(
    result: str, parameters: tuple[str, ...], order: int
) -> None:
    parts = [CALLER, other(result, parameters)]
    with pytest.raises(LinkError, match=r"^other is called otherwise than it is defined$"):
        linked(*parts[::order])


def test_what_is_no_ptx_is_an_error() -> None:
    with pytest.raises(LinkError, match="bad input"):
        cubins.link([b"def add(a, b):"], (8, 9))
    with pytest.raises(LinkError, match="ptxas"):
        linked(CALLER.replace("call.uni", "call.nobody"), other())


def test_a_kind_of_gpu_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(LinkError, match="sm_11"):
        cubins.link([(HEAD + CALLER).encode(), (HEAD + other()).encode()], (1, 1))


@pytest.mark.parametrize("name", sorted(SOME - {MAIN}))
def test_a_kernel_links_with_what_it_calls(name: str) -> None:
    capability = CAPABILITIES[len(name) % len(CAPABILITIES)]
    parts = [ptx_of(part, capability).encode() for part in (name, *sorted(needs(name)))]
    assert cubins.link(parts, capability)[:4] == b"\x7fELF"


def test_the_oldest_and_the_newest_kind_are_linked_with_few_registers() -> None:
    for capability in CAPABILITIES:
        parts = [ptx_of("increment", capability).encode()]
        said = {}
        for registers in (0, 32):
            code, said[registers] = cubins.linked(parts, capability, registers)
            assert code[:4] == b"\x7fELF"
            assert "loop_increment" in said[registers]
        assert " 0 bytes spill stores" in said[0]
        assert " 0 bytes spill stores" not in said[32]


@pytest.mark.long("compiling takes minutes; some are linked in the default part")
def test_all_kernels_link() -> None:
    gpu = Gpu(CAPABILITIES[1])
    for name in NAMES:
        assert ptx_of(name, gpu.capability)
    assert cubins.cubin(KERNELS, gpu)[:4] == b"\x7fELF"
    place = store.place_of(KERNELS, MAIN, gpu)
    assert cubins.entry_of(cubins.cubin(KERNELS, gpu)) in target.ENTRY.findall(place.read_text())


# -- machine code is kept


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a text for each kernel."""
    for name in NAMES:
        place = store.place_of(tmp_path, name, Gpu((8, 9)))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(name)
    return tmp_path


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch) -> list[list[bytes]]:
    """What has been linked, by a linker that takes no time."""
    found: list[list[bytes]] = []

    def link(parts: list[bytes], capability: tuple[int, int], registers: int) -> bytes:
        found.append(parts)
        return b"code for %d.%d\0.nv.constant0.start\0" % capability

    monkeypatch.setattr(cubins, "link", link)
    return found


def test_machine_code_is_linked_once(folder: Path, links: list[list[bytes]]) -> None:
    gpu = Gpu((8, 9))
    assert {cubins.cubin(folder, gpu).partition(b"\0")[0] for _ in range(3)} == {b"code for 8.9"}
    assert len(links) == 1
    assert len(links[0]) == len(NAMES)
    assert cubins.place_of(folder, gpu).parent == folder / gpu.folder


def test_the_main_kernel_is_found_whatever_its_text_now_calls_it(
    folder: Path, links: list[list[bytes]]
) -> None:
    gpu = Gpu((8, 9))
    assert cubins.cubin(folder, gpu)
    store.place_of(folder, MAIN, gpu).write_text(".visible .entry other(")
    assert cubins.entry_of(cubins.cubin(folder, gpu)) == "start"


def test_machine_code_is_linked_again_when_a_kernel_changed(
    folder: Path, links: list[list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    gpu = Gpu((8, 9))
    before = cubins.place_of(folder, gpu)
    digest_of = store.digest_of

    def changed(name: str, target: Any = PROCESSOR) -> str:
        return digest_of(name, target) + ("x" if name == "add" else "")

    monkeypatch.setattr(store, "digest_of", changed)
    assert cubins.place_of(folder, gpu) != before


def test_machine_code_for_other_registers_is_kept_apart(
    folder: Path, links: list[list[bytes]]
) -> None:
    places = {cubins.place_of(folder, Gpu((8, 9)), n) for n in (0, 64, 96)}
    assert len(places) == 3
    assert {place.parent.name for place in places} == {Gpu((8, 9)).folder}


def test_machine_code_is_not_linked_of_less_than_all(
    folder: Path, links: list[list[bytes]]
) -> None:
    gpu = Gpu((8, 9))
    store.place_of(folder, "add", gpu).unlink()
    with pytest.raises(FileNotFoundError, match=r"add-\w+\.ptx"):
        cubins.cubin(folder, gpu)
    assert links == []
    assert not cubins.place_of(folder, gpu).exists()
