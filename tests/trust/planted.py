"""Runtimes with faults that the fuzzer is to find, where a spawned process too can import them."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from functools import cached_property
from typing import Any

from pipeline.engine import cpu
from pipeline.oracle import reference
from pipeline.oracle.columns import Column, Domain


class Reversed(reference.ReferenceRuntime):
    """Tuples come out backwards."""

    def tuple_of(self, d: Domain, x: Any, after: Any) -> Column:
        column = super().tuple_of(d, x, after)
        return Column(
            column.domain, [v[::-1] if isinstance(v, tuple) else v for v in column.values]
        )


class Miscounting(reference.ReferenceRuntime):
    """Elements that are opened count twice against the total."""

    def each(self, d: Domain, container: Any) -> Domain:
        limits, self.limits = self.limits, replace(self.limits, total=self.limits.total // 2)
        try:
            return super().each(d, container)
        finally:
            self.limits = limits


class Mirrored(reference.ReferenceRuntime):
    """Mirrors the wrong way."""

    def vmirror(self, d: Domain, piece: Any) -> Column:
        return self.hmirror(d, piece)


class Crashing(reference.ReferenceRuntime):
    """Fails in a way that no lane may."""

    def palette(self, d: Domain, element: Any) -> Column:
        raise TypeError("planted")


class Confused(reference.ReferenceRuntime):
    """In a battery, takes the first grid for all."""

    def input(self, d: Domain) -> Column:
        return super().input(d) if self.wanted is None else Column(d, [self.grids[0]] * d.size)


class CompiledMirrored(cpu.CompiledRuntime):
    """Mirrors the wrong way."""

    def vmirror(self, d: Any, piece: Any) -> Any:
        return self.hmirror(d, piece)


class CompiledConfused(cpu.CompiledRuntime):
    """With others, takes the first grid for all."""

    @cached_property
    def verdicts(self) -> dict[int, dict[int, Any]]:
        if self.wanted is not None:
            self.grids = [self.grids[0]] * len(self.grids)
        return super().verdicts


class Dying(cpu.CompiledRuntime):
    """Ends its process where a palette is made."""

    @cached_property
    def verdicts(self) -> dict[int, dict[int, Any]]:
        if "palette" in self.program.kernels:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().verdicts
