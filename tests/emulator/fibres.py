"""Fibres: a stack for each thread of a team, and what kernels call in the place of a device's own.

Written in LLVM's language, so that no compiler is needed but the one that Numba brings. A switch
keeps the registers that a call must keep, by the convention of this system, and swaps stacks.
"""

from __future__ import annotations

import platform
from typing import Final

from tests.emulator import teams
from tests.emulator.counted import SPENT
from tests.emulator.host_code import ADD, ADD_GLOBAL, BARRIER, CLOCK, ENTRY, RUNNING

LAUNCH: Final = "emulated_launch"
BEGIN: Final = "emulated_begin"

_SWITCHES: Final = {
    "x86_64": (
        "push %rbp; push %rbx; push %r12; push %r13; push %r14; push %r15",
        "mov %rsp, (%rdi); mov %rsi, %rsp",
        "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbx; pop %rbp; ret",
    ),
}
"""By processor: keep registers, swap stacks, take registers and return."""

_TEXT: Final = """\
{asm}
@emulated_state = global ptr null
@{running} = global ptr null
@{spent} = global i64 0

declare void @emulated_switch(ptr, i64)
declare ptr @llvm.returnaddress(i32)
declare void @{entry}(ptr, ptr, i64)
declare i64 @{run}(ptr, ptr, ptr)
declare i64 @{claim}(ptr, ptr, ptr, i64, i64)

define internal i64 @word(i64 %place) alwaysinline {{
  %state = load ptr, ptr @emulated_state
  %at = getelementptr i64, ptr %state, i64 %place
  %word = load i64, ptr %at
  ret i64 %word
}}

define internal void @put(i64 %place, i64 %word) alwaysinline {{
  %state = load ptr, ptr @emulated_state
  %at = getelementptr i64, ptr %state, i64 %place
  store i64 %word, ptr %at
  ret void
}}

define internal ptr @pointer(i64 %place) alwaysinline {{
  %word = call i64 @word(i64 %place)
  %pointer = inttoptr i64 %word to ptr
  ret ptr %pointer
}}

define internal void @rest() noinline {{
  %thread = call i64 @word(i64 {thread})
  %amount = load i64, ptr @{spent}
  call void @put(i64 {amount}, i64 %amount)
  store i64 0, ptr @{spent}
  %state = load ptr, ptr @emulated_state
  %number = add i64 %thread, {stacks}
  %kept = getelementptr i64, ptr %state, i64 %number
  %to = call i64 @word(i64 {scheduler})
  call void @emulated_switch(ptr %kept, i64 %to)
  ret void
}}

define void @{barrier}() noinline "frame-pointer"="all" {{
  %from = call ptr @llvm.returnaddress(i32 0)
  %called_from = call ptr @llvm.returnaddress(i32 1)
  %inner = ptrtoint ptr %from to i64
  %outer = ptrtoint ptr %called_from to i64
  %shifted = shl i64 %outer, 8
  %site = xor i64 %inner, %shifted
  %thread = call i64 @word(i64 {thread})
  %place = add i64 %thread, {sites}
  call void @put(i64 %place, i64 %site)
  %running = load i64, ptr @{running}
  call void @put(i64 {kernel}, i64 %running)
  call void @rest()
  ret void
}}

define void @{begin}() noinline {{
  %heap = call ptr @pointer(i64 {heap})
  %work = call i64 @word(i64 {work})
  %count = call i64 @word(i64 {count})
  %kernel = call ptr @pointer(i64 {only})
  %whole = icmp eq ptr %kernel, null
  br i1 %whole, label %main, label %one
main:
  call void @{entry}(ptr %heap, ptr %heap, i64 %work)
  br label %end
one:
  %rank = call i64 @word(i64 {thread})
  %team = call i64 @word(i64 {team})
  call void %kernel(ptr %heap, ptr %heap, i64 0, i64 %rank, i64 %team, i64 %work, i64 %count)
  br label %end
end:
  %thread = call i64 @word(i64 {thread})
  %place = add i64 %thread, {sites}
  call void @put(i64 %place, i64 0)
  call void @rest()
  unreachable
}}

define i64 @{clock}() {{
  %halves = call i64 @word(i64 {instructions})
  %amount = lshr i64 %halves, 1
  ret i64 %amount
}}

define i64 @{add}(ptr %place, i64 %amount) {{
  %state = load ptr, ptr @emulated_state
  %heap = call ptr @pointer(i64 {heap})
  %guards = call ptr @pointer(i64 {guards})
  %begin = ptrtoint ptr %heap to i64
  %address = ptrtoint ptr %place to i64
  %bytes = sub i64 %address, %begin
  %at = sdiv exact i64 %bytes, 8
  %before = call i64 @{claim}(ptr %state, ptr %heap, ptr %guards, i64 %at, i64 %amount)
  ret i64 %before
}}

define i64 @{add_global}(ptr addrspace(1) %place, i64 %amount) {{
  %plain = addrspacecast ptr addrspace(1) %place to ptr
  %before = call i64 @{add}(ptr %plain, i64 %amount)
  ret i64 %before
}}

define i64 @{launch}(ptr %state) {{
  store ptr %state, ptr @emulated_state
  %begin = ptrtoint ptr @{begin} to i64
  call void @put(i64 {first}, i64 %begin)
  %heap = call ptr @pointer(i64 {heap})
  %guards = call ptr @pointer(i64 {guards})
  %problem = call i64 @{run}(ptr %state, ptr %heap, ptr %guards)
  ret i64 %problem
}}
"""

_REGISTER: Final = """
define i32 @emulated_{name}() {{
  %word = call i64 @word(i64 {place})
  %short = trunc i64 %word to i32
  ret i32 %short
}}
"""

_FIXED: Final = """
define i32 @emulated_{name}() {{
  ret i32 {value}
}}
"""


PLACES: Final = {
    "thread": teams.THREAD,
    "team": teams.TEAM,
    "heap": teams.HEAP,
    "only": teams.ONLY,
    "count": teams.COUNT,
    "work": teams.WORK,
    "guards": teams.GUARDS,
    "scheduler": teams.SCHEDULER,
    "first": teams.FIRST,
    "kernel": teams.KERNEL,
    "stacks": teams.STACKS,
    "sites": teams.SITES,
    "amount": teams.AMOUNT,
    "instructions": teams.INSTRUCTIONS,
}
"""Of the record of a launch."""


class NoEmulator(RuntimeError):
    """Fibres for this kind of processor are not written."""


def source() -> str:
    """The module's text."""
    switch = _SWITCHES.get(platform.machine())
    if switch is None:
        raise NoEmulator(f"there is no switch between fibres for {platform.machine()}")
    head = (".text", ".globl emulated_switch", ".type emulated_switch, @function")
    lines = [*head, "emulated_switch:", *switch]
    names = {
        "asm": "\n".join(f'module asm "{line}"' for line in lines),
        "running": RUNNING,
        "spent": SPENT,
        "entry": ENTRY,
        "run": teams.RUN,
        "claim": teams.CLAIM,
        "barrier": BARRIER,
        "clock": CLOCK,
        "begin": BEGIN,
        "add": ADD,
        "add_global": ADD_GLOBAL,
        "launch": LAUNCH,
    }
    text = _TEXT.format(**names, **PLACES)
    registers = (("tid", teams.THREAD), ("ntid", teams.TEAM), ("ctaid", teams.BLOCK))
    for register, place in registers:
        text += _REGISTER.format(name=f"{register}_x", place=place)
        for axis in "yz":
            text += _FIXED.format(name=f"{register}_{axis}", value=int(register == "ntid"))
    return text
