"""A CUDA driver in plain Python, in place of the module `cuda.bindings.driver`.

    fake = FakeDriver([FakeGpu()])
    fake.install(monkeypatch)

It takes what the real one takes and is as strict: handles are of the right kind and alive, names
are bytes, a context is current, memory is where it was taken. `calls` lists what was called;
`planted` makes calls fail. A launch runs `kernel`, a function of the memory as words and as colours
and of the other arguments.
"""

from __future__ import annotations

import ctypes
import re
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import pytest


class CUresult(IntEnum):
    """Statuses; the numbers are the real ones."""

    CUDA_SUCCESS = 0
    CUDA_ERROR_INVALID_VALUE = 1
    CUDA_ERROR_OUT_OF_MEMORY = 2
    CUDA_ERROR_NOT_INITIALIZED = 3
    CUDA_ERROR_NO_DEVICE = 100
    CUDA_ERROR_INVALID_DEVICE = 101
    CUDA_ERROR_INVALID_IMAGE = 200
    CUDA_ERROR_INVALID_CONTEXT = 201
    CUDA_ERROR_INVALID_HANDLE = 400
    CUDA_ERROR_NOT_FOUND = 500
    CUDA_ERROR_NOT_READY = 600
    CUDA_ERROR_ILLEGAL_ADDRESS = 700


class CUdevice_attribute(IntEnum):
    """Attributes; the numbers are the real ones."""

    CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16
    CU_DEVICE_ATTRIBUTE_KERNEL_EXEC_TIMEOUT = 17
    CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE = 36
    CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH = 37
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76


class CUfunction_attribute(IntEnum):
    """Attributes of kernels; the numbers are the real ones."""

    CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 0
    CU_FUNC_ATTRIBUTE_NUM_REGS = 4


_LINKED: Final = re.compile(rb"\.nv\.constant0\.(\w+)")
"""A kernel in what a linker made: only one that is launched has a section for its arguments."""

Status = CUresult
OK: Final = CUresult.CUDA_SUCCESS


class _Handle:
    """A thing of the driver's: no number, but one can be had; it is never false."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __int__(self) -> int:
        return self.number


class CUdevice(_Handle):
    """A device."""


class CUcontext(_Handle):
    """A context."""


class CUmodule(_Handle):
    """A loaded module."""


class CUfunction(_Handle):
    """A kernel."""


class CUevent(_Handle):
    """An event."""


class CUdeviceptr(_Handle):
    """A place in a device's memory."""


Kernel = Callable[[np.ndarray, np.ndarray, int, int, int], None]


@dataclass(slots=True)
class FakeGpu:
    """A device and what it holds. retained: how often its context is; kernel: what its launches
    run, if not what those of all devices do.
    """

    name: str = "NVIDIA Fake 3000"
    capability: tuple[int, int] = (8, 9)
    processors: int = 24
    total_bytes: int = 1 << 24
    blocks: int = 5
    is_watched: bool = False
    retained: int = 0
    context: CUcontext | None = None
    memory: dict[int, np.ndarray] = field(default_factory=dict)
    modules: dict[int, bytes] = field(default_factory=dict)
    events: dict[int, float] = field(default_factory=dict)
    fault: CUresult = OK
    kernel: Kernel | None = None

    def forget(self) -> None:
        """Lose all that a context holds; a fault stays for as long as the process does."""
        self.context = None
        for held in (self.memory, self.modules, self.events):
            held.clear()

    @property
    def is_bare(self) -> bool:
        """Whether everything was given back."""
        return not (self.retained or self.context or self.memory or self.modules or self.events)


class FakeDriver:
    """The functions of the module. planted: the status that a call gives instead of its answer,
    and how often it works before; busy: how often events are not ready when they are asked.
    """

    CUresult = CUresult
    CUdevice_attribute = CUdevice_attribute
    CUfunction_attribute = CUfunction_attribute

    def __init__(self, gpus: Sequence[FakeGpu], kernel: Kernel | None = None) -> None:
        self.gpus = list(gpus)
        self.kernel = kernel
        self.version = 12090
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.planted: dict[str, tuple[int, Status]] = {}
        self.is_ready = False
        self.clock = 0.0
        self.busy = 0
        self._numbers = iter(range(1 << 40, 1 << 62, 1 << 30))
        self._current = threading.local()

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Be what `from cuda.bindings import driver` gives."""
        bindings: Any = ModuleType("cuda.bindings")
        bindings.driver = self
        patch.setitem(sys.modules, "cuda", ModuleType("cuda"))
        patch.setitem(sys.modules, "cuda.bindings", bindings)
        patch.setitem(sys.modules, "cuda.bindings.driver", bindings.driver)

    def plant(self, call: str, status: Status, after: int = 0) -> None:
        """Let a call fail, after it worked so often."""
        self.planted[call] = after, status

    def names(self) -> list[str]:
        """What was called, in order."""
        return [name for name, _ in self.calls]

    def __getattr__(self, name: str) -> Any:
        """What only the real module has: classes that others name when they are imported."""
        if name == "real" or self.__dict__.get("real") is None:
            raise AttributeError(name)
        return getattr(self.real, name)

    def __getattribute__(self, name: str) -> Any:
        found = object.__getattribute__(self, name)
        if not name.startswith("cu") or name == "cuGetErrorString":
            return found

        def call(*args: Any) -> Any:
            self.calls.append((name, args))
            left, status = self.planted.get(name, (-1, OK))
            if left == 0:
                return (status,)
            self.planted[name] = left - 1, status
            if not self.is_ready and name != "cuInit":
                return (CUresult.CUDA_ERROR_NOT_INITIALIZED,)
            return found(*args)

        return call

    # -- devices

    def cuGetErrorString(self, error: Any) -> Any:
        """A text, of the statuses that there are."""
        if not isinstance(error, CUresult):
            return CUresult.CUDA_ERROR_INVALID_VALUE, None
        return OK, error.name.removeprefix("CUDA_ERROR_").replace("_", " ").lower().encode()

    def cuInit(self, Flags: int) -> Any:
        """Must be called first."""
        assert Flags == 0
        if not self.gpus:
            return (CUresult.CUDA_ERROR_NO_DEVICE,)
        self.is_ready = True
        return (OK,)

    def cuDriverGetVersion(self) -> Any:
        """As 12090 for 12.9."""
        return OK, self.version

    def cuDeviceGetCount(self) -> Any:
        """How many there are."""
        return OK, len(self.gpus)

    def cuDeviceGet(self, ordinal: int) -> Any:
        """One of them."""
        assert type(ordinal) is int
        if not 0 <= ordinal < len(self.gpus):
            return (CUresult.CUDA_ERROR_INVALID_DEVICE,)
        return OK, CUdevice(ordinal)

    def _gpu(self, dev: Any) -> FakeGpu:
        assert isinstance(dev, CUdevice)
        return self.gpus[int(dev)]

    def cuDeviceGetAttribute(self, attrib: Any, dev: Any) -> Any:
        """One of those that are known."""
        gpu, kinds = self._gpu(dev), CUdevice_attribute
        found = {
            kinds.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: gpu.processors,
            kinds.CU_DEVICE_ATTRIBUTE_KERNEL_EXEC_TIMEOUT: int(gpu.is_watched),
            kinds.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE: 5_000_000,
            kinds.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH: 256,
            kinds.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: gpu.capability[0],
            kinds.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: gpu.capability[1],
        }
        assert isinstance(attrib, kinds)
        return OK, found[attrib]

    def cuDeviceGetName(self, length: int, dev: Any) -> Any:
        """So many bytes, the last of them zero."""
        return OK, self._gpu(dev).name.encode()[: length - 1].ljust(length, b"\0")

    def cuDeviceTotalMem(self, dev: Any) -> Any:
        """All bytes."""
        return OK, self._gpu(dev).total_bytes

    # -- contexts

    def cuDevicePrimaryCtxRetain(self, dev: Any) -> Any:
        """The device's one context, made if it is not there."""
        gpu = self._gpu(dev)
        if gpu.fault:
            return (gpu.fault,)
        gpu.retained += 1
        if gpu.context is None:
            gpu.context = CUcontext(next(self._numbers))
        return OK, gpu.context

    def cuDevicePrimaryCtxRelease(self, dev: Any) -> Any:
        """Undo one retaining; the last one ends the context."""
        gpu = self._gpu(dev)
        if gpu.retained == 0:
            return (CUresult.CUDA_ERROR_INVALID_CONTEXT,)
        gpu.retained -= 1
        if gpu.retained == 0:
            gpu.forget()
        return (OK,)

    def cuCtxSetCurrent(self, ctx: Any) -> Any:
        """Let this thread's calls be about a context."""
        assert isinstance(ctx, CUcontext)
        gpus = [gpu for gpu in self.gpus if gpu.context is ctx]
        if not gpus:
            return (CUresult.CUDA_ERROR_INVALID_CONTEXT,)
        self._current.gpu, self._current.context = gpus[0], ctx
        return (OK,)

    def _here(self) -> tuple[FakeGpu, Status]:
        """The device of this thread's context, and what is wrong with it."""
        gpu = getattr(self._current, "gpu", None)
        if gpu is None or gpu.context is not self._current.context:
            return FakeGpu(), CUresult.CUDA_ERROR_INVALID_CONTEXT
        return gpu, gpu.fault

    # -- memory

    def cuMemGetInfo(self) -> Any:
        """What is free and what there is."""
        gpu, fault = self._here()
        taken = sum(map(len, gpu.memory.values()))
        return (fault,) if fault else (OK, gpu.total_bytes - taken, gpu.total_bytes)

    def cuMemAlloc(self, bytesize: int) -> Any:
        """Bytes with arbitrary content."""
        gpu, fault = self._here()
        taken = sum(map(len, gpu.memory.values()))
        assert type(bytesize) is int
        if fault or bytesize <= 0:
            return (fault or CUresult.CUDA_ERROR_INVALID_VALUE,)
        if bytesize > gpu.total_bytes - taken:
            return (CUresult.CUDA_ERROR_OUT_OF_MEMORY,)
        place = next(self._numbers)
        gpu.memory[place] = np.full(bytesize, 0xA5, np.uint8)
        return OK, CUdeviceptr(place)

    def cuMemFree(self, dptr: Any) -> Any:
        """Give back what was taken, from its first byte on."""
        gpu, fault = self._here()
        if fault or gpu.memory.pop(int(dptr), None) is None:
            return (fault or CUresult.CUDA_ERROR_INVALID_VALUE,)
        return (OK,)

    def _bytes(self, place: Any, size: int) -> np.ndarray | None:
        """So many bytes from a place on, if they are all of one piece."""
        gpu, _ = self._here()
        for first, piece in gpu.memory.items():
            offset = int(place) - first
            if offset >= 0 and offset + size <= len(piece):
                return piece[offset : offset + size]
        return None

    def cuMemcpyHtoD(self, dstDevice: Any, srcHost: Any, ByteCount: int) -> Any:
        """To the device."""
        _, fault = self._here()
        found = self._bytes(dstDevice, ByteCount)
        if fault or found is None:
            return (fault or CUresult.CUDA_ERROR_INVALID_VALUE,)
        ctypes.memmove(found.ctypes.data, int(srcHost), ByteCount)
        return (OK,)

    def cuMemcpyDtoH(self, dstHost: Any, srcDevice: Any, ByteCount: int) -> Any:
        """From the device."""
        _, fault = self._here()
        found = self._bytes(srcDevice, ByteCount)
        if fault or found is None:
            return (fault or CUresult.CUDA_ERROR_INVALID_VALUE,)
        ctypes.memmove(int(dstHost), found.ctypes.data, ByteCount)
        return (OK,)

    # -- kernels

    def cuModuleLoadData(self, image: Any) -> Any:
        """A module of machine code: what a linker made, or any bytes whose first line names the
        kernels.
        """
        gpu, fault = self._here()
        assert isinstance(image, bytes)
        if fault or not image:
            return (fault or CUresult.CUDA_ERROR_INVALID_IMAGE,)
        place = next(self._numbers)
        gpu.modules[place] = image
        return OK, CUmodule(place)

    def cuModuleUnload(self, hmod: Any) -> Any:
        """Undo loading."""
        gpu, fault = self._here()
        assert isinstance(hmod, CUmodule)
        if fault or gpu.modules.pop(int(hmod), None) is None:
            return (fault or CUresult.CUDA_ERROR_INVALID_HANDLE,)
        return (OK,)

    def cuModuleGetFunction(self, hmod: Any, name: Any) -> Any:
        """A kernel by its name."""
        gpu, _ = self._here()
        assert isinstance(hmod, CUmodule)
        assert isinstance(name, bytes)
        image = gpu.modules[int(hmod)]
        is_linked = image.startswith(b"\x7fELF")
        names = _LINKED.findall(image) if is_linked else image.splitlines()[0].split()
        if name not in names:
            return (CUresult.CUDA_ERROR_NOT_FOUND,)
        return OK, CUfunction(int(hmod))

    def cuOccupancyMaxActiveBlocksPerMultiprocessor(
        self, func: Any, blockSize: int, dynamicSMemSize: int
    ) -> Any:
        """How many teams a processor runs at once; none where a team is too large."""
        gpu, fault = self._here()
        assert isinstance(func, CUfunction)
        assert dynamicSMemSize == 0
        return (fault,) if fault else (OK, gpu.blocks * 64 // blockSize)

    def cuFuncGetAttribute(self, attrib: Any, hfunc: Any) -> Any:
        """One of those that are known."""
        assert isinstance(hfunc, CUfunction)
        assert isinstance(attrib, CUfunction_attribute)
        return OK, {0: 256, 4: 254}[attrib]

    def cuLaunchKernel(
        self,
        f: Any,
        gridDimX: int,
        gridDimY: int,
        gridDimZ: int,
        blockDimX: int,
        blockDimY: int,
        blockDimZ: int,
        sharedMemBytes: int,
        hStream: Any,
        kernelParams: Any,
        extra: Any,
    ) -> Any:
        """Run the kernel; what it raises is an error of every call from then on."""
        gpu, fault = self._here()
        if fault:
            return (fault,)
        assert int(f) in gpu.modules
        assert (gridDimY, gridDimZ, blockDimY, blockDimZ) == (1, 1, 1, 1)
        assert (sharedMemBytes, int(hStream), int(extra)) == (0, 0, 0)
        values, kinds = kernelParams
        assert kinds == (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_longlong)
        assert list(map(type, values)) == [int] * 3
        assert values[0] == values[1]
        words = gpu.memory[values[0]].view(np.int64)
        try:
            kernel = gpu.kernel or self.kernel
            if kernel is not None:
                kernel(words, words.view(np.int32), values[2], gridDimX, blockDimX)
        except ArithmeticError:
            gpu.fault = CUresult.CUDA_ERROR_ILLEGAL_ADDRESS
        self.clock += 2.0
        return (OK,)

    # -- events

    def cuEventCreate(self, Flags: int) -> Any:
        """A point in time that is not known yet."""
        gpu, fault = self._here()
        assert Flags == 0
        place = next(self._numbers)
        gpu.events[place] = -1.0
        return (fault,) if fault else (OK, CUevent(place))

    def cuEventDestroy(self, hEvent: Any) -> Any:
        """Undo creating."""
        gpu, fault = self._here()
        assert isinstance(hEvent, CUevent)
        if fault or gpu.events.pop(int(hEvent), None) is None:
            return (fault or CUresult.CUDA_ERROR_INVALID_HANDLE,)
        return (OK,)

    def cuEventRecord(self, hEvent: Any, hStream: Any) -> Any:
        """The point in time is now: a millisecond after the last one, two more for a launch."""
        gpu, fault = self._here()
        assert isinstance(hEvent, CUevent)
        assert int(hStream) == 0
        self.clock += 1.0
        gpu.events[int(hEvent)] = self.clock
        return (fault,)

    def cuEventQuery(self, hEvent: Any) -> Any:
        """Whether it is known; not yet for as often as `busy` says."""
        gpu, fault = self._here()
        assert gpu.events[int(hEvent)] > 0 or fault
        self.busy -= 1
        return (fault or (CUresult.CUDA_ERROR_NOT_READY if self.busy >= 0 else OK),)

    def cuEventSynchronize(self, hEvent: Any) -> Any:
        """Wait until it is known; tells of what failed before."""
        gpu, fault = self._here()
        assert gpu.events[int(hEvent)] > 0 or fault
        return (fault,)

    def cuEventElapsedTime(self, hStart: Any, hEnd: Any) -> Any:
        """Milliseconds."""
        gpu, fault = self._here()
        begin, end = gpu.events[int(hStart)], gpu.events[int(hEnd)]
        return (fault,) if fault else (OK, end - begin)
