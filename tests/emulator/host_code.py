"""A kernel's code for a GPU, compiled for this processor: see `Emulated`.

What names a device's registers or its barrier calls functions of `fibres` instead, and what is
spent is counted (see `counted`); nothing else is changed. The barrier may not be copied, as a
thread is asked at which one it waits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from llvmlite import binding

from pipeline.engine.cuda import intrinsics
from pipeline.engine.cuda.target import Gpu, lowered
from pipeline.engine.cuda.texts import MAIN
from pipeline.kernels.names import symbol_of
from pipeline.kernels.processor import PROCESSOR
from tests.emulator import counted
from tests.emulator.counted import with_counts

GPU: Final = Gpu((9, 0))
ENTRY: Final = "emulated_main"
"""What the main kernel is called."""

BARRIER: Final = "emulated_barrier"
CLOCK: Final = "emulated_clock"
ADD: Final = "emulated_add"
ADD_GLOBAL: Final = "emulated_add_global"
RUNNING: Final = "emulated_running"
"""Where stands which kernel began last, by its address."""

_KERNEL: Final = re.compile(r'!\d+ = !\{ \w+ \([^)]*\)\* @"([^"]+)", !"kernel"')
_ANNOTATION: Final = re.compile(r"^!nvvm.*$", re.MULTILINE)
_DEFINITION: Final = re.compile(r"^(define .*) \{$", re.MULTILINE)
_LAYOUT: Final = re.compile(r'target datalayout = ".*?"')
_TRIPLE: Final = re.compile(r'target triple = ".*?"')
_REGISTER: Final = re.compile(r"llvm\.nvvm\.read\.ptx\.sreg\.(\w+)\.([xyz])")
_ATOMIC: Final = re.compile(
    r"atomicrmw add (?:i64|ptr)( addrspace\(1\))?\*? (%\S+), i64 (\S+) monotonic"
)
_CLOCK: Final = re.compile(rf'call i64 asm sideeffect "{re.escape(intrinsics.CLOCK)}", "=l" ?\(\)')
_UNKNOWN: Final = r"llvm\.nvvm\.[\w.]+|addrspace\([^1]\d*\)|atomicrmw (?!xchg)|cmpxchg|asm "
"""What must not be left; an exchange is one here too, where a thread goes on alone."""


@dataclass(frozen=True, slots=True)
class Emulated:
    """This processor, for the code of a GPU: see `store.Target`."""

    suffix: str = ".o"

    @property
    def folder(self) -> str:
        """Both compilers and the processor, hashed."""
        return f"emulated-{GPU.folder}-{PROCESSOR.folder}"

    @property
    def text(self) -> bytes:
        """How it is lowered, and compiled."""
        files = (Path(__file__), Path(counted.__file__))
        return GPU.text + b"".join(path.read_bytes() for path in files)

    def source(self, name: str) -> str:
        """As for the GPU."""
        return GPU.source(name)

    def compile(self, name: str) -> bytes:
        """An object file with one function, `symbol_of(name)`, or the main kernel."""
        return object_of(name)


def object_of(name: str) -> bytes:
    """The object file of a kernel."""
    texts = lowered(name, GPU.capability).llvm_strs
    if name == MAIN:
        return compiled(texts, _kernel_in(texts), ENTRY)
    return compiled(texts, symbol_of(name), symbol_of(name))


def compiled(texts: list[str], kernel: str, symbol: str) -> bytes:
    """An object file from a kernel's modules, which has it under another name."""
    machine = host_machine()
    module = None
    for text in dict.fromkeys(texts):
        part = binding.parse_assembly(for_host(text, machine))
        if module is None:
            module = part
        else:
            module.link_in(part)
    _export(module, kernel, symbol)
    _optimise(module, machine)
    text = _named(with_counts(str(module)), symbol)
    data: bytes = machine.emit_object(binding.parse_assembly(text))
    return data


def trapping(symbols: Sequence[str]) -> bytes:
    """An object file with functions of these names, each of which ends the process."""
    body = "() {\n  call void @llvm.trap()\n  unreachable\n}"
    text = "\n".join(["declare void @llvm.trap()", *[f"define void @{s}{body}" for s in symbols]])
    data: bytes = host_machine().emit_object(binding.parse_assembly(text))
    return data


def host_machine() -> Any:
    """What compiles for this processor."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple()
    return target.create_target_machine(opt=2, reloc="pic", codemodel="small")


def for_host(text: str, machine: Any) -> str:
    """A module's text with this processor in the place of the GPU."""
    text = _TRIPLE.sub(f'target triple = "{binding.get_default_triple()}"', text)
    text = _LAYOUT.sub(f'target datalayout = "{machine.target_data}"', text)
    text = _ANNOTATION.sub("", text)
    text = _REGISTER.sub(r"emulated_\1_\2", text)
    text = text.replace("llvm.nvvm.barrier0", BARRIER)
    declared = f'declare void @"{BARRIER}"()'
    text = text.replace(declared, f"{declared} convergent noduplicate")
    text, clocks = _CLOCK.subn(f"call i64 @{CLOCK}()", text)
    text += f"\ndeclare i64 @{CLOCK}()\n" * bool(clocks)
    added = set(_ATOMIC.findall(text))
    text = _ATOMIC.sub(_call_of_add, text)
    for space in {space for space, *_ in added}:
        text += f"\ndeclare i64 @{_add_in(space)}(ptr{space}, i64)\n"
    left = re.findall(_UNKNOWN, text)
    if left:
        raise RuntimeError(f"the emulator does not know {sorted(set(left))}")
    return text


def _call_of_add(found: re.Match[str]) -> str:
    space, place, amount = found[1] or "", found[2], found[3]
    return f"call i64 @{_add_in(space)}(ptr{space} {place}, i64 {amount})"


def _add_in(space: str) -> str:
    """What adds to a word in an address space, which this processor has only one of."""
    return ADD_GLOBAL if space else ADD


def _kernel_in(texts: list[str]) -> str:
    (found,) = {name for text in texts for name in _KERNEL.findall(text)}
    return found


def _export(module: Any, kernel: str, symbol: str) -> None:
    """Let only the kernel be seen from elsewhere, by this name."""
    for part in [*module.functions, *module.global_variables]:
        if part.name == kernel:
            part.name = symbol
        elif not part.is_declaration and not part.name.startswith("llvm."):
            part.linkage = "internal"


def _named(text: str, symbol: str) -> str:
    """A module's text whose kernel says that it is the one that runs, and whose functions let be
    seen who called them.
    """
    head = rf'^(define [^\n]*@"?{symbol}"?\([^\n]*\n)((?:[\w.]+:[^\n]*\n)?)'
    begin = re.compile(head, re.MULTILINE)
    store = f"  store ptr @{symbol}, ptr @{RUNNING}\n"
    text = _DEFINITION.sub(r'\1 "frame-pointer"="all" {', text)
    text, found = begin.subn(lambda match: f"{match[1]}{match[2]}{store}", text)
    if found != 1:
        raise RuntimeError(f"{symbol} is defined {found} times")
    return f"{text}\n@{RUNNING} = external global ptr\n"


def _optimise(module: Any, machine: Any) -> None:
    options = binding.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = options.slp_vectorization = False
    options.loop_unrolling = options.loop_interleaving = False
    builder = binding.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
