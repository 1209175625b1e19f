"""What a limit on registers costs and gives, as the linker says: nothing is run, no GPU needed.

    python -m bench.registers [--output FILE]

Links all kernels for some kinds of GPU with several limits; writes for each how many registers a
thread has, how many teams of 64 threads a processor with 65,536 of them runs, the stack that a
thread has, and of the functions those that keep values in memory for want of registers, with how
many bytes of such code there are.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

from bench.build import PROJECT
from pipeline.battery.devices import compile_missing
from pipeline.commands.gpu_carry import REGISTERS
from pipeline.engine.cuda import cubins
from pipeline.engine.cuda.cuda_engine import THREADS
from pipeline.engine.cuda.target import Gpu
from pipeline.engine.cuda.texts import names
from pipeline.kernels import store

KINDS: Final = ((9, 0), (6, 0), (12, 0))
LIMITS: Final = (0, *sorted(REGISTERS, reverse=True))
PROCESSOR_REGISTERS: Final = 65_536
RESULTS: Final = PROJECT / "bench/results/gpu_registers.json"
_USED: Final = re.compile(r"used (\d+) registers.*?(\d+) stack")
_FUNCTION: Final = re.compile(
    r"Function properties for '?([\w$]+)'?:?\n[^\n]*?(\d+) bytes stack frame, "
    r"(\d+) bytes spill stores, (\d+) bytes spill loads"
)


def main() -> int:
    """Link, write the results and show them."""
    options = argparse.ArgumentParser(prog="bench.registers", description=__doc__)
    options.add_argument("--output", type=Path, default=RESULTS, help="where to write")
    chosen = options.parse_args()
    rows = []
    for capability in KINDS:
        parts = texts_for(Gpu(capability))
        for limit in LIMITS if capability == KINDS[0] else LIMITS[-1:]:
            rows.append(measured(parts, capability, limit))
            print(json.dumps(rows[-1]), flush=True)
    chosen.output.write_text(json.dumps({"linker": cubins.linker(), "rows": rows}, indent=1) + "\n")
    return 0


def texts_for(target: Gpu) -> list[bytes]:
    """The PTX of all kernels, compiled if it is not."""
    folder = PROJECT / ".cache/kernels"
    compile_missing(folder, names(), target)
    return [store.place_of(folder, name, target).read_bytes() for name in names()]


def measured(parts: list[bytes], capability: tuple[int, int], limit: int) -> dict[str, Any]:
    """What the linker says with a limit."""
    code, said = cubins.linked(parts, capability, limit)
    registers, stack = map(int, _USED.findall(said)[-1])
    functions = [(name, *map(int, rest)) for name, *rest in _FUNCTION.findall(said)]
    spilling = sorted((f for f in functions if f[2]), key=lambda f: -f[2])
    each = -(-registers // 8) * 8 * THREADS
    return {
        "capability": list(capability),
        "limit": limit,
        "registers": registers,
        "teams_a_processor": PROCESSOR_REGISTERS // each,
        "stack_bytes": stack,
        "functions": len(functions),
        "functions_that_spill": len(spilling),
        "spill_stores_bytes": sum(f[2] for f in functions),
        "spill_loads_bytes": sum(f[3] for f in functions),
        "most": {name: stores for name, _, stores, _ in spilling[:8]},
        "code_bytes": len(code),
    }


if __name__ == "__main__":
    sys.exit(main())
