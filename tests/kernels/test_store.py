"""Kernels: told apart by all that goes into them, compiled once, loaded with what they call."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.battery.devices import compile_missing
from pipeline.ir.types import INTEGER
from pipeline.kernels import heap, instruction, loops, processor, store
from pipeline.kernels.names import (
    DRIVER,
    SHARED,
    STRUCTURAL,
    WHOLE,
    all_names,
    needs,
    symbol_of,
    with_needed,
)
from pipeline.kernels.processor import (
    HOST,
    PROCESSOR,
    Kernels,
    NotCompiled,
    NotSuchProcessor,
    Processor,
    folder_for,
    kernels_in,
    processor_of,
)
from pipeline.primitives.row import compiled, shared
from pipeline.primitives.table import BY_NAME, INNER_ROWS, ROWS, TABLE
from tests.compiled import compiled_kernels
from tests.native import run_native
from tests.project import PROJECT

COMPILED = [row.name for row in BY_NAME.values() if row.native is not None]
NAMES = [*COMPILED, *STRUCTURAL, *SHARED]
FEW = ("add", "height", "combine")
V3 = "x86-64-v3"
VZEROUPPER = b"\xc5\xf8\x77"
"""What code ends with that has used AVX."""


def test_every_first_order_row_is_compiled() -> None:
    rows = (*ROWS, *INNER_ROWS)
    higher = {row.name for row in rows if row.expand is not None} - {"branch"}
    assert {row.name for row in rows if row.native is None} == higher


def test_the_arguments_of_a_row_fit_into_an_instruction() -> None:
    most = max(row.arity for row in BY_NAME.values() if row.native is not None)
    assert instruction.ARGS + most <= instruction.STRIDE


def test_names_of_kernels_are_told_apart() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert len({symbol_of(name) for name in NAMES}) == len(NAMES)
    assert set(all_names()) == {*NAMES, DRIVER} - {*SHARED}


# -- processors


def test_kernels_of_another_processor_are_never_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = store.place_of(tmp_path, "add", PROCESSOR)
    place.parent.mkdir(parents=True)
    place.touch()
    assert store.missing(tmp_path, ["add"], PROCESSOR) == []
    monkeypatch.setattr(processor.binding, "get_host_cpu_name", lambda: "another")
    processor._machine_key.cache_clear()
    try:
        assert store.missing(tmp_path, ["add"], PROCESSOR) == ["add"]
    finally:
        processor._machine_key.cache_clear()


def test_an_object_of_another_kind_of_machine_is_removed(folder: Path) -> None:
    place = store.place_of(folder, "add", PROCESSOR)
    data = bytearray(place.read_bytes())
    data[18:20] = (243).to_bytes(2, "little")
    place.write_bytes(data)
    with pytest.raises(OSError, match="was damaged and is removed: run again"):
        Kernels(folder).load(["add"])
    assert store.missing(folder, ["add"], PROCESSOR) == ["add"]


def test_kernels_of_a_kind_of_processors_have_one_place_on_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor, "_features", lambda: dict.fromkeys(processor.LEVELS[V3], True))
    assert folder_for(tmp_path, HOST) == tmp_path
    assert processor_of(tmp_path) is PROCESSOR
    folder = folder_for(tmp_path, V3)
    target = processor_of(folder)
    assert (folder, target) == (tmp_path / V3, Processor(name=V3))
    assert target.environment == {"NUMBA_CPU_NAME": V3, "NUMBA_CPU_FEATURES": ""}
    assert PROCESSOR.environment == {}
    monkeypatch.setattr(processor.binding, "get_host_cpu_name", lambda: "another")
    assert Processor(name=V3).folder == target.folder != PROCESSOR.folder
    assert Processor(name="x86-64-v2").folder != target.folder


def test_a_kind_that_this_machine_is_not_of_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = dict.fromkeys(processor.LEVELS[V3], True) | {"fma": False, "bmi2": False}
    monkeypatch.setattr(processor, "_features", lambda: there)
    assert folder_for(tmp_path, "x86-64-v2")
    with pytest.raises(NotSuchProcessor) as caught:
        folder_for(tmp_path, V3)
    assert caught.value.status == 2
    assert caught.value.told == (
        "kernel_target: x86-64-v3 (see config.yaml): this machine's processor is none: "
        "it lacks bmi2, fma"
    )


@pytest.mark.long("begins Numba in a process; that it is told the kind, the one above looks at")
@pytest.mark.skipif(platform.machine() != "x86_64", reason="the kinds are of x86-64")
def test_code_for_a_kind_keeps_to_what_all_of_it_can_do(tmp_path: Path) -> None:
    folder, name = tmp_path / "x86-64-v2", "flip"
    assert compile_missing(folder, [name]) == 1
    target = processor_of(folder)
    assert VZEROUPPER not in store.place_of(folder, name, target).read_bytes()
    if processor._features().get("avx"):
        place = store.place_of(compiled_kernels(), name, PROCESSOR)
        assert VZEROUPPER in place.read_bytes()
    assert Kernels(folder).load([name])[name]


# -- digests

MODULE = '''
LIMIT = 5
SIDES = (1, 2)


@compiled
def inner(m, a):
    """What the other calls."""
    return a + LIMIT


@shared
def common(m, a, b):
    """A kernel of its own."""
    return a - b


def plain(m):
    return 1


@compiled
def probe(m, a, b=3):
    """A kernel."""
    if a > SIDES[0]:
        return inner(m, a) * 7
    return common(m, a, b)
'''

CHANGES: dict[str, tuple[str, str]] = {
    "a literal": ("* 7", "* 8"),
    "an operator": ("> SIDES", ">= SIDES"),
    "a function that it calls": ("a + LIMIT", "a - LIMIT"),
    "a shared kernel that it calls": ("a - b", "b - a"),
    "a constant": ("SIDES = (1, 2)", "SIDES = (1, 3)"),
    "a constant of a function that it calls": ("LIMIT = 5", "LIMIT = 6"),
    "a default": ("b=3", "b=4"),
    "which function it calls": ("return inner", "return common"),
}
NO_CHANGES: dict[str, tuple[str, str]] = {
    "a comment": ("    if a >", "    # why\n\n    if a >"),
    "a docstring": ('"""A kernel."""', '"""Another text: 7, 5."""'),
    "a docstring of a function that it calls": ("What the other calls", "Called"),
    "a function that it does not call": ("return 1", "return 2"),
    "the layout": ("inner(m, a) * 7", "(\n            inner(m, a)\n            * 7\n        )"),
}


@pytest.fixture
def digest(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """The digest of the kernel `probe` in a module's text."""

    def of(text: str) -> str:
        scope: dict[str, Any] = {"compiled": compiled, "shared": shared, "__name__": "module"}
        exec(compile(text, "module.py", "exec"), scope)
        monkeypatch.setitem(WHOLE, "probe", scope["probe"])
        return store.digest_of("probe", PROCESSOR)

    return of


@pytest.mark.parametrize("change", CHANGES)
def test_the_digest_changes_with(change: str, digest: Callable[[str], str]) -> None:
    assert MODULE.count(CHANGES[change][0]) == 1
    assert digest(MODULE.replace(*CHANGES[change])) != digest(MODULE)


@pytest.mark.parametrize("change", NO_CHANGES)
def test_the_digest_does_not_change_with(change: str, digest: Callable[[str], str]) -> None:
    assert MODULE.count(NO_CHANGES[change][0]) == 1
    assert digest(MODULE.replace(*NO_CHANGES[change])) == digest(MODULE)


def test_every_kernel_has_a_digest_of_its_own() -> None:
    assert len({store.digest_of(name, PROCESSOR) for name in NAMES}) == len(NAMES)


def test_the_digest_changes_with_the_text_of_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: store.digest_of(name, PROCESSOR) for name in NAMES}
    monkeypatch.setattr(loops, "_HEAD", loops._HEAD + "    # more\n")
    changed = {name for name in NAMES if store.digest_of(name, PROCESSOR) != before[name]}
    assert changed == set(COMPILED)
    monkeypatch.undo()
    monkeypatch.setattr(loops, "WHOLE", loops.WHOLE + "    # more\n")
    changed = {name for name in NAMES if store.digest_of(name, PROCESSOR) != before[name]}
    assert changed == {*STRUCTURAL, *SHARED}


@pytest.fixture
def fresh_constants(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is remembered of constants is forgotten before the test and after it."""
    store._constants.cache_clear()
    yield
    monkeypatch.undo()
    store._constants.cache_clear()


@pytest.mark.usefixtures("fresh_constants")
def test_the_digest_changes_with_the_places_in_the_heap(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: store.digest_of(name, PROCESSOR) for name in FEW}
    monkeypatch.setattr(heap, "SLOTS", heap.SLOTS + 11)
    store._constants.cache_clear()
    assert all(store.digest_of(name, PROCESSOR) != before[name] for name in FEW)


def test_every_process_gives_the_same_digests() -> None:
    code = (
        "import json\nfrom pipeline.kernels import names, processor, store\n"
        "all_names = [*names.all_names(), *names.SHARED]\n"
        "digests = {k: store.digest_of(k, processor.PROCESSOR) for k in all_names}\n"
        "print(json.dumps(digests))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={"PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    names = [*NAMES, DRIVER]
    assert json.loads(done.stdout) == {name: store.digest_of(name, PROCESSOR) for name in names}


# -- which files there are


def test_a_kernel_needs_the_shared_ones_that_it_calls() -> None:
    assert needs("add") == []
    assert needs("arc_sort_words") == ["arc_compare"]
    assert needs("combine") == ["arc_compare", "arc_sort_words"]
    assert needs("close") == ["arc_compare", "arc_sort_words"]
    assert with_needed(["combine", "add"]) == [*("add", "arc_compare", "arc_sort_words", "combine")]
    assert with_needed([]) == []


def test_what_is_not_compiled_is_missing(tmp_path: Path) -> None:
    wanted = ["combine", "add"]
    assert store.missing(tmp_path, wanted, PROCESSOR) == with_needed(wanted)
    for name in ("add", "arc_compare"):
        place = store.place_of(tmp_path, name, PROCESSOR)
        place.parent.mkdir(exist_ok=True)
        place.touch()
    assert store.missing(tmp_path, wanted, PROCESSOR) == ["arc_sort_words", "combine"]
    assert store.place_of(tmp_path, "add", PROCESSOR).parent.parent == tmp_path


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been compiled, by a compiler that takes no time."""
    found: list[str] = []

    def compile_quickly(target: store.Target, name: str) -> bytes:
        found.append(name)
        return name.encode()

    monkeypatch.setattr(Processor, "compile", compile_quickly)
    return found


def test_only_what_is_missing_is_compiled(tmp_path: Path, compiler: list[str]) -> None:
    assert list(store.compile_kernels(tmp_path, ["add", "height"], PROCESSOR)) == ["add", "height"]
    assert compiler == ["add", "height"]
    assert list(store.compile_kernels(tmp_path, ["height", "size"], PROCESSOR)) == [
        "height",
        "size",
    ]
    assert compiler == ["add", "height", "size"]
    assert store.missing(tmp_path, compiler, PROCESSOR) == []
    assert store.place_of(tmp_path, "size", PROCESSOR).read_bytes() == b"size"


def test_old_versions_of_a_kernel_are_forgotten(tmp_path: Path) -> None:
    folder = tmp_path / PROCESSOR.folder
    folder.mkdir()
    for age in range(6):
        for name in (f"add-{age:020}.o", f"hconcat-{age:020}.o"):
            (folder / name).touch()
            os.utime(folder / name, (1_000 - age, 1_000 - age))
    (folder / "notes.txt").touch()
    store.forget_old(tmp_path, PROCESSOR, kept=2)
    left = {path.name for path in folder.iterdir()}
    ages = (0, 1)
    kept = {f"{kernel}-{age:020}.o" for kernel in ("add", "hconcat") for age in ages}
    assert left == {"notes.txt", *kept}


def test_what_was_compiled_is_kept_if_the_rest_is_not(tmp_path: Path, compiler: list[str]) -> None:
    run = store.compile_kernels(tmp_path, ["add", "height", "size"], PROCESSOR)
    assert [next(run), next(run)] == ["add", "height"]
    run.close()  # type: ignore[attr-defined]
    assert store.missing(tmp_path, ["add", "height", "size"], PROCESSOR) == ["size"]
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".tmp-")]


# -- loading


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a few kernels."""
    for name in with_needed(FEW):
        place = store.place_of(tmp_path, name, PROCESSOR)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(store.place_of(compiled_kernels(), name, PROCESSOR), place)
    return tmp_path


def test_loading_gives_addresses_that_stay(folder: Path) -> None:
    loaded = Kernels(folder)
    first = dict(loaded.load(["add"]))
    assert list(first) == ["add"]
    found = loaded.load(FEW)
    assert found["add"] == first["add"]
    assert len({found[name] for name in FEW}) == len(FEW)
    assert 0 not in found.values()
    assert dict(loaded.load([])) == dict(found)


def test_a_folder_is_loaded_once_a_process(folder: Path) -> None:
    assert kernels_in(folder) is kernels_in(folder)
    assert kernels_in(folder) is not kernels_in(folder.parent)


def test_a_kernel_that_is_not_there_is_named(folder: Path) -> None:
    store.place_of(folder, "arc_compare", PROCESSOR).unlink()
    loaded = Kernels(folder)
    with pytest.raises(NotCompiled, match=r"arc_compare-\w+\.o: .*: run `doit kernels`"):
        loaded.load(["combine"])
    assert loaded.load(["add"])["add"] != 0


@pytest.mark.parametrize("name", ["combine", "arc_sort_words"])
@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.999])
def test_a_kernel_cut_short_is_named_and_removed(folder: Path, name: str, part: float) -> None:
    place = store.place_of(folder, name, PROCESSOR)
    data = place.read_bytes()
    place.write_bytes(data[: int(len(data) * part)])
    loaded = Kernels(folder)
    with pytest.raises(OSError, match="was damaged and is removed: run again") as caught:
        loaded.load(["combine"])
    assert caught.value.filename == str(place)
    assert store.missing(folder, FEW, PROCESSOR) == [name]
    place.write_bytes(data)
    assert loaded.load(["combine"])["combine"] != 0


def test_a_file_that_is_no_kernel_is_named_and_removed(folder: Path) -> None:
    place = store.place_of(folder, "add", PROCESSOR)
    place.write_bytes(b"def add(a, b):\n" * 100)
    with pytest.raises(OSError, match="was damaged"):
        Kernels(folder).load(["add"])
    assert not place.exists()


def test_what_is_loaded_runs() -> None:
    calls: Any = [((a, b), (INTEGER, INTEGER)) for a in (-3, 0, 9) for b in (1, 2)]
    assert run_native(TABLE["add"], calls) == [a + b for (a, b), _ in calls]
