"""The calls of the CUDA driver: what they are given, what comes of them, and of those that fail."""

from __future__ import annotations

import ast
import ctypes
import inspect
import json
import subprocess
import sys
import threading
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pipeline.engine.cuda import driver
from pipeline.engine.cuda.driver import (
    CudaError,
    Device,
    DeviceFacts,
    DeviceMemory,
    LaunchTiming,
    NoDevice,
    devices,
)
from tests.fake_cuda import CUevent, CUresult, FakeDriver, FakeGpu, _Handle
from tests.project import PROJECT

CODE = b"main other\n\x7fELF..."


def doubled(words: np.ndarray, colours: np.ndarray, work: int, teams: int, threads: int) -> None:
    """A kernel: what stands behind the place of the work is doubled, and who ran it noted."""
    words[work + 3 :] *= 2
    colours[2 * work : 2 * work + 4] = 1, 2, 3, 4
    words[work + 2] = 1000 * teams + threads


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDriver:
    """A driver with two devices."""
    second = FakeGpu("Second", (12, 0), 7, 1 << 20)
    made = FakeDriver([FakeGpu(), second], doubled)
    made.install(monkeypatch)
    return made


def opened(number: int = 0, entry: str = "main") -> Device:
    """One of its devices, with code."""
    return Device(devices()[number], CODE, entry)


def run(device: Device, size: int = 64, work: int = 16) -> tuple[list[np.ndarray], LaunchTiming]:
    """A launch on the numbers from 0 on."""
    reads = [(work, size), (0, 4), (8, 8)]
    return device.run(np.arange(size), size, work, 3, 96, reads)


def some_use() -> None:
    """A use of all that there is."""
    device = opened()
    device.teams_at_once(64)
    device.free_bytes()
    run(device)
    run(device, 128)
    device.read(0, 4)
    device._needs()
    device.close()


# -- devices


def test_all_devices_are_listed_with_what_they_are(fake: FakeDriver) -> None:
    assert devices() == [
        DeviceFacts(0, "NVIDIA Fake 3000", (8, 9), 24, 1 << 24, "12.9", 320e9),
        DeviceFacts(1, "Second", (12, 0), 7, 1 << 20, "12.9", 320e9),
    ]
    assert [type(value) for value in devices()[0].capability] == [int, int]
    assert all(gpu.is_bare for gpu in fake.gpus)


@pytest.mark.parametrize(
    ("version", "text"), [(11080, "11.8"), (12000, "12.0"), (12090, "12.9"), (13010, "13.1")]
)
def test_the_version_of_the_driver_is_told(fake: FakeDriver, version: int, text: str) -> None:
    fake.version = version
    assert devices()[0].driver == text


def test_a_long_name_is_cut(fake: FakeDriver) -> None:
    fake.gpus[0].name = "x" * 500
    assert devices()[0].name == "x" * 127


# -- no device


def why_none() -> str:
    """Why there is no device, in one line."""
    with pytest.raises(NoDevice) as caught:
        devices()
    text = str(caught.value)
    assert "\n" not in text
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return text


def test_no_packages_is_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cuda", "cuda.bindings"):
        monkeypatch.setitem(sys.modules, name, None)
    assert why_none() == (
        "the CUDA packages are not installed: pip install -e '.[cuda12]' or '.[cuda13]'"
    )


def test_packages_without_a_driver_are_no_device(
    fake: FakeDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NotFoundError(RuntimeError):
        """As the package raises it."""

    def raise_it(Flags: int) -> None:
        raise NotFoundError('Failure finding "libcuda.so":\n  No such file: libcuda.so*\n  ...')

    fake.__dict__["cuInit"] = raise_it
    assert why_none() == 'no CUDA driver answers: Failure finding "libcuda.so":'
    fake.__dict__["cuInit"] = lambda Flags: raise_empty()
    assert why_none() == "no CUDA driver answers: RuntimeError"


def raise_empty() -> None:
    """An error that says nothing."""
    raise RuntimeError


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (CUresult.CUDA_ERROR_NO_DEVICE, "CUDA_ERROR_NO_DEVICE (no device)"),
        (CUresult.CUDA_ERROR_OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY (out of memory)"),
    ],
)
def test_a_driver_that_does_not_start_is_no_device(
    fake: FakeDriver, status: CUresult, text: str
) -> None:
    fake.plant("cuInit", status)
    assert why_none() == f"no CUDA driver answers: cuInit: {text}"


def test_a_driver_that_sees_nothing_is_no_device(fake: FakeDriver) -> None:
    fake.gpus.clear()
    fake.is_ready = True
    fake.__dict__["cuInit"] = lambda Flags: (CUresult.CUDA_SUCCESS,)
    assert why_none() == "the CUDA driver sees no GPU"


# -- launches


def test_a_launch_gives_what_the_kernel_wrote(fake: FakeDriver) -> None:
    device = opened()
    (results, first, nothing), timing = run(device)
    assert results[:2].view(np.int32).tolist() == [1, 2, 3, 4]
    assert results[2:].tolist() == [3096, *(2 * word for word in range(19, 64))]
    assert first.tolist() == [0, 1, 2, 3]
    assert nothing.tolist() == []
    assert (timing.upload, timing.kernel, timing.download) == (0.001, 0.003, 0.001)


def test_words_are_uploaded_to_the_front_of_a_larger_array(fake: FakeDriver) -> None:
    device = opened()
    words = np.arange(40)[::2]
    (found,), _ = device.run(words, 100, 60, 1, 1, [(0, 60)])
    assert found[:20].tolist() == words.tolist()
    (launch,) = [args for name, args in fake.calls if name == "cuLaunchKernel"]
    assert launch[1:7] == (1, 1, 1, 1, 1, 1)
    assert launch[9][0][2] == 60


def test_what_a_launch_left_can_be_read(fake: FakeDriver) -> None:
    device = opened()
    run(device)
    assert device.read(1, 4).tolist() == [1, 2, 3]
    assert device.read(5, 5).tolist() == []
    with pytest.raises(CudaError, match=r"^cuMemcpyDtoH: CUDA_ERROR_INVALID_VALUE"):
        device.read(0, 65)


def test_teams_are_counted_for_all_processors(fake: FakeDriver) -> None:
    device = opened()
    assert [device.teams_at_once(threads) for threads in (32, 64, 128)] == [240, 120, 48]


def test_a_team_that_does_not_fit_is_an_error_that_says_why(fake: FakeDriver) -> None:
    with pytest.raises(CudaError) as caught:
        opened().teams_at_once(1024)
    assert str(caught.value) == (
        "a team of 1024 threads does not fit on a processor: "
        "the kernel takes 254 registers a thread, 256 threads at most"
    )


def test_devices_are_told_apart(fake: FakeDriver) -> None:
    first, second = opened(0), opened(1)
    assert second.facts.name == "Second"
    run(first)
    run(second, 128)
    assert [sum(map(len, gpu.memory.values())) for gpu in fake.gpus] == [512, 1024]
    run(first)
    second.close()
    assert [gpu.is_bare for gpu in fake.gpus] == [False, True]


def test_a_device_runs_on_whatever_thread(fake: FakeDriver) -> None:
    device = opened()
    found: list[Any] = []

    def use() -> None:
        found.extend([run(device), device.free_bytes(), device.teams_at_once(64)])
        device.close()

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(found) == 3
    assert fake.gpus[0].is_bare


# -- memory


def test_memory_is_grown_and_never_taken_twice(fake: FakeDriver) -> None:
    device = opened()
    taken = []
    for size in (64, 32, 65, 64, 200):
        run(device, size)
        (piece,) = fake.gpus[0].memory.values()
        taken.append(len(piece) // 8)
    assert taken == [64, 64, 65, 65, 200]
    assert fake.names().count("cuMemAlloc") == 3
    assert fake.names().count("cuMemFree") == 2


def test_free_memory_includes_what_the_device_holds(fake: FakeDriver) -> None:
    device = opened()
    assert device.free_bytes() == 1 << 24
    run(device, 1 << 10)
    assert device.free_bytes() == 1 << 24
    other = opened()
    run(other, 1 << 10)
    assert device.free_bytes() == (1 << 24) - (1 << 13)


def test_memory_that_is_not_there_is_an_error_and_none_is_kept(fake: FakeDriver) -> None:
    device = opened()
    run(device)
    with pytest.raises(DeviceMemory, match=r"^cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY"):
        run(device, 1 << 22)
    assert fake.gpus[0].memory == {}
    assert run(device)[0][1].tolist() == [0, 1, 2, 3]


# -- faults


def fail(*args: Any) -> None:
    """A kernel that touches memory that is not there."""
    raise ZeroDivisionError


def test_after_a_fault_a_device_is_abandoned_and_others_keep_the_context(
    fake: FakeDriver,
) -> None:
    device, other = opened(), opened()
    context = fake.gpus[0].context
    fake.kernel = fail
    with pytest.raises(CudaError, match="CUDA_ERROR_ILLEGAL_ADDRESS") as caught:
        run(device)
    device.abandon(caught.value)
    assert device.fault is caught.value
    assert fake.gpus[0].retained == 1
    assert fake.gpus[0].context is context
    assert other.fault is None
    device.close()
    assert fake.gpus[0].retained == 1


def test_who_is_alone_gives_back_all_memory_with_the_context(fake: FakeDriver) -> None:
    device = opened()
    fake.kernel = fail
    with pytest.raises(CudaError) as caught:
        run(device)
    assert not fake.gpus[0].is_bare
    device.abandon(caught.value)
    assert fake.gpus[0].is_bare


def test_abandoning_needs_nothing_of_the_driver(fake: FakeDriver) -> None:
    device = opened()
    fake.plant("cuDevicePrimaryCtxRelease", CUresult.CUDA_ERROR_INVALID_CONTEXT)
    device.abandon(CudaError("some"))
    assert str(device.fault) == "some"


# -- closing


def test_closing_gives_everything_back(fake: FakeDriver) -> None:
    for use in (lambda device: None, run, lambda device: (run(device), run(device, 128))):
        device = opened()
        use(device)
        assert not fake.gpus[0].is_bare
        device.close()
        assert fake.gpus[0].is_bare


def test_closing_leaves_others_what_is_theirs(fake: FakeDriver) -> None:
    first, second = opened(), opened()
    run(first)
    run(second)
    first.close()
    gpu = fake.gpus[0]
    assert (gpu.retained, len(gpu.memory), len(gpu.modules), len(gpu.events)) == (1, 1, 1, 4)
    assert run(second)[0][1].tolist() == [0, 1, 2, 3]


def test_a_kernel_that_is_not_there_is_an_error(fake: FakeDriver) -> None:
    assert opened(entry="other") is not None
    with pytest.raises(CudaError, match=r"^cuModuleGetFunction: CUDA_ERROR_NOT_FOUND"):
        opened(entry="mai")


def called() -> Counter[str]:
    """The calls that such a use makes."""
    with pytest.MonkeyPatch.context() as patch:
        fake = FakeDriver([FakeGpu()], doubled)
        fake.install(patch)
        some_use()
        return Counter(fake.names())


@pytest.mark.parametrize("name", sorted(set(called()) - {"cuInit"}))
@pytest.mark.parametrize("after", [0, 1, 2])
def test_every_call_that_fails_is_named(fake: FakeDriver, name: str, after: int) -> None:
    fake.gpus.pop()
    fake.plant(name, CUresult.CUDA_ERROR_INVALID_HANDLE, after)
    text = rf"^{name}: CUDA_ERROR_INVALID_HANDLE \(invalid handle\)$"
    fails = called()[name] > after
    with pytest.raises(CudaError, match=text) if fails else nullcontext():
        some_use()


def test_a_status_without_a_text_is_told(fake: FakeDriver) -> None:
    unknown: Any = 999
    fake.plant("cuDeviceGetCount", unknown)
    with pytest.raises(CudaError, match=r"^cuDeviceGetCount: 999 \(no description\)$"):
        devices()


# -- the real package


def calls_in_source() -> dict[str, set[int]]:
    """The driver's functions that `driver` calls, and with how many arguments."""
    found: dict[str, set[int]] = {}
    tree = ast.parse(Path(driver.__file__).read_text("utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name, count = getattr(node.func, "attr", ""), len(node.args)
        if name == "_call" and isinstance(node.args[0], ast.Constant):
            name, count = str(node.args[0].value), count - 1
        if name.startswith("cu"):
            is_exact = not any(isinstance(arg, ast.Starred) for arg in node.args)
            found.setdefault(name, set()).update([count] if is_exact else [])
    return found


def real() -> ModuleType:
    """The module that the fake stands for."""
    from cuda.bindings import driver as module

    return module


@pytest.mark.parametrize("name", sorted(calls_in_source()))
def test_the_real_function_takes_what_it_is_given(name: str) -> None:
    parameters = list(inspect.signature(getattr(real(), name)).parameters)
    assert calls_in_source()[name] <= {len(parameters)}
    assert list(inspect.signature(getattr(FakeDriver, name)).parameters)[1:] == parameters


def test_every_function_of_the_driver_that_is_used_is_tested() -> None:
    assert set(called()) | {"cuGetErrorString"} == set(calls_in_source())


@pytest.mark.parametrize(
    "kind", [CUresult, FakeDriver.CUdevice_attribute, FakeDriver.CUfunction_attribute]
)
def test_the_real_numbers_are_those_of_the_fake(kind: Any) -> None:
    known = getattr(real(), kind.__name__)
    for member in kind:
        assert int(getattr(known, member.name)) == int(member)
        assert known(int(member)).name == member.name
        assert known(int(member)) == getattr(known, member.name)


def test_real_handles_are_numbers_that_are_never_false() -> None:
    for kind in _Handle.__subclasses__():
        known = getattr(real(), kind.__name__)
        assert int(known(77)) == int(kind(77)) == 77
        assert bool(known(0)) is bool(kind(0)) is True


def test_the_real_name_of_a_device_is_bytes() -> None:
    text = real().cuDeviceGetName.__doc__ or ""
    assert "name : bytes" in text
    assert "description" in (real().cuGetErrorString.__doc__ or "")


REAL = """
import ctypes, json, sys
from cuda.bindings import driver

def given(kind, value):
    if kind == "params":
        return tuple(value), (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_longlong)
    if kind == "bytes":
        return value.encode()
    return value if kind == "int" else getattr(driver, kind)(value)

for name, args in json.load(sys.stdin):
    try:
        status, *_ = getattr(driver, name)(*(given(*arg) for arg in args))
    except RuntimeError as error:
        assert "DynamicLibNotFoundError" in repr(type(error)) or "libcuda" in str(error), error
    else:
        print(name, status)
print("done")
"""
"""Calls of the real functions in a process that has not started the driver: what they are given is
converted, then they say that there is none, or that it is not started.
"""


def plain(value: Any) -> tuple[str, Any]:
    """An argument, to be made again elsewhere."""
    if isinstance(value, tuple):
        values, kinds = value
        assert kinds == (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_longlong)
        return "params", values
    if isinstance(value, bytes):
        return "bytes", "text"
    return ("int", value) if type(value) is int else (type(value).__name__, int(value))


def test_the_real_functions_take_arguments_of_these_kinds(fake: FakeDriver) -> None:
    some_use()
    once = {
        json.dumps([name, [plain(arg)[0] for arg in args]]): [name, [plain(arg) for arg in args]]
        for name, args in fake.calls
        if name != "cuInit"
    }
    assert {name for name, _ in once.values()} == set(fake.names()) - {"cuInit"}
    done = subprocess.run(
        [sys.executable, "-c", REAL],
        cwd=PROJECT,
        input=json.dumps(list(once.values())),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "done"


def test_an_event_of_the_fake_is_alive_until_it_is_destroyed(fake: FakeDriver) -> None:
    opened()
    gone: Any = CUevent(5)
    assert fake.cuEventDestroy(gone) == (CUresult.CUDA_ERROR_INVALID_HANDLE,)
