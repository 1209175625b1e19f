"""The CUDA driver: devices, memory, one kernel. Nothing else here talks to a GPU.

Every call's status is looked at; what is not success is a `CudaError` that says which call failed
and how. After most errors of a kernel the context is of no use: `Device.reset` makes a new one.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.system.problem import Problem


class CudaError(Problem):
    """A call of the driver failed."""


class NoDevice(Problem):
    """There is nothing to run on; the text says why, in a line."""


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What a device is; memory_rate: the most bytes a second that its memory can move, by clock and
    width, 0 where the driver does not say.
    """

    number: int
    name: str
    capability: tuple[int, int]
    processors: int
    total_bytes: int
    driver: str
    memory_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class LaunchTiming:
    """Seconds of one launch, by the device's clock: uploads, the kernel, downloads."""

    upload: float
    kernel: float
    download: float


def _driver() -> Any:
    try:
        from cuda.bindings import driver
    except ImportError:
        raise NoDevice(
            "the CUDA packages are not installed: pip install -e '.[cuda12]' or '.[cuda13]'"
        ) from None
    try:
        _check(driver, "cuInit", driver.cuInit(0))
    except (CudaError, RuntimeError) as error:  # or no library is found, said in many lines
        first, *_ = str(error).splitlines() or [type(error).__name__]
        raise NoDevice(f"no CUDA driver answers: {first}") from None
    return driver


def _check(driver: Any, call: str, answer: Sequence[Any]) -> Any:
    """What a call gives, without its status."""
    status, *values = answer
    if status != driver.CUresult.CUDA_SUCCESS:
        _, text = driver.cuGetErrorString(status)
        said = text.decode() if text else "no description"
        raise CudaError(f"{call}: {getattr(status, 'name', status)} ({said})")
    return values[0] if len(values) == 1 else tuple(values)


def devices() -> list[DeviceFacts]:
    """All devices that this process may see; NoDevice if there is none."""
    driver = _driver()
    count = _check(driver, "cuDeviceGetCount", driver.cuDeviceGetCount())
    if count == 0:
        raise NoDevice("the CUDA driver sees no GPU")
    version = _check(driver, "cuDriverGetVersion", driver.cuDriverGetVersion())
    text = f"{version // 1000}.{version % 1000 // 10}"
    return [_facts(driver, number, text) for number in range(count)]


def _facts(driver: Any, number: int, version: str) -> DeviceFacts:
    device = _check(driver, "cuDeviceGet", driver.cuDeviceGet(number))
    kinds = driver.CUdevice_attribute

    def attribute(kind: Any) -> int:
        answer = driver.cuDeviceGetAttribute(kind, device)
        return int(_check(driver, "cuDeviceGetAttribute", answer))

    name = _check(driver, "cuDeviceGetName", driver.cuDeviceGetName(128, device))
    kilohertz = attribute(kinds.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE)
    bits = attribute(kinds.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH)
    return DeviceFacts(
        number,
        name.split(b"\0")[0].decode(),
        (
            attribute(kinds.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
            attribute(kinds.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        ),
        attribute(kinds.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        int(_check(driver, "cuDeviceTotalMem", driver.cuDeviceTotalMem(device))),
        version,
        2 * kilohertz * 1e3 * bits / 8,  # memory moves data twice a cycle
    )


class Device:
    """One device with its context, for one thread, with the main kernel and one array."""

    def __init__(self, facts: DeviceFacts, code: bytes, entry: str) -> None:
        self.facts = facts
        self._code = code
        self._entry = entry
        self._driver = _driver()
        self._array = 0
        self._array_bytes = 0
        self._open()

    def _call(self, name: str, *args: Any) -> Any:
        return _check(self._driver, name, getattr(self._driver, name)(*args))

    def _open(self) -> None:
        self._device = self._call("cuDeviceGet", self.facts.number)
        self._context = self._call("cuDevicePrimaryCtxRetain", self._device)
        self._call("cuCtxSetCurrent", self._context)
        self._module = self._call("cuModuleLoadData", self._code)
        self._kernel = self._call("cuModuleGetFunction", self._module, self._entry.encode())
        self._events = [self._call("cuEventCreate", 0) for _ in range(4)]

    def reset(self) -> None:
        """Begin anew after an error: what was in the device's memory is lost."""
        self._array = self._array_bytes = 0
        self._call("cuDevicePrimaryCtxReset", self._device)
        with contextlib.suppress(CudaError):  # a reset does not release what is retained
            self._call("cuDevicePrimaryCtxRelease", self._device)
        self._open()

    def close(self) -> None:
        """Give everything back."""
        self._call("cuCtxSetCurrent", self._context)
        if self._array:
            self._call("cuMemFree", self._array)
            self._array = self._array_bytes = 0
        for event in self._events:
            self._call("cuEventDestroy", event)
        self._call("cuModuleUnload", self._module)
        self._call("cuDevicePrimaryCtxRelease", self._device)

    def free_bytes(self) -> int:
        """How much memory could be taken now, what this object has included."""
        self._call("cuCtxSetCurrent", self._context)
        free, _ = self._call("cuMemGetInfo")
        return int(free) + self._array_bytes

    def teams_at_once(self, threads: int) -> int:
        """How many teams of so many threads the device runs at the same time."""
        self._call("cuCtxSetCurrent", self._context)
        each = self._call("cuOccupancyMaxActiveBlocksPerMultiprocessor", self._kernel, threads, 0)
        return max(1, int(each)) * self.facts.processors

    def run(
        self,
        words: np.ndarray,
        size: int,
        work: int,
        teams: int,
        threads: int,
        reads: Sequence[tuple[int, int]],
    ) -> tuple[list[np.ndarray], LaunchTiming]:
        """Upload words to place 0 of an array of `size` words, launch, and download `reads`: the
        first place of each part and the place behind it.
        """
        self._call("cuCtxSetCurrent", self._context)
        self._reserve(8 * size)
        begin, uploaded, ran, ended = self._events
        self._call("cuEventRecord", begin, 0)
        words = np.ascontiguousarray(words)
        self._call("cuMemcpyHtoD", self._array, words.ctypes.data, words.nbytes)
        self._call("cuEventRecord", uploaded, 0)
        self._launch(work, teams, threads)
        self._call("cuEventRecord", ran, 0)
        self._call("cuEventSynchronize", ran)
        found = [self.read(first, last) for first, last in reads]
        self._call("cuEventRecord", ended, 0)
        self._call("cuEventSynchronize", ended)
        timing = LaunchTiming(
            self._seconds(begin, uploaded), self._seconds(uploaded, ran), self._seconds(ran, ended)
        )
        return found, timing

    def read(self, first: int, last: int) -> np.ndarray:
        """Download words of the array."""
        found = np.empty(last - first, np.int64)
        if len(found):
            place = int(self._array) + 8 * first
            self._call("cuMemcpyDtoH", found.ctypes.data, place, found.nbytes)
        return found

    def _seconds(self, begin: Any, end: Any) -> float:
        return float(self._call("cuEventElapsedTime", begin, end)) / 1e3

    def _reserve(self, size: int) -> None:
        if size <= self._array_bytes:
            return
        if self._array:
            self._call("cuMemFree", self._array)
            self._array = self._array_bytes = 0
        self._array = self._call("cuMemAlloc", size)
        self._array_bytes = size

    def _launch(self, work: int, teams: int, threads: int) -> None:
        # The array is seen as 64-bit words and as 32-bit colours: the same address twice.
        values = (int(self._array), int(self._array), work)
        kinds = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_longlong)
        shape = (teams, 1, 1, threads, 1, 1)
        self._call("cuLaunchKernel", self._kernel, *shape, 0, 0, (values, kinds), 0)
