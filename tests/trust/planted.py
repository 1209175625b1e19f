"""Runtimes and runners with planted faults, where a spawned process too can import them."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import Any

from pipeline.engine.engine import Engine
from pipeline.engine.image import Image
from pipeline.ir.status import Limits
from pipeline.oracle import reference
from pipeline.oracle.columns import Column, Domain
from pipeline.trust.agreement.answers import Ends, Wanted
from pipeline.trust.agreement.runners import ImageRunner


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


class Misturned(reference.ReferenceRuntime):
    """Mirrors where it should turn."""

    def rot180(self, d: Domain, grid: Any) -> Column:
        return self.hmirror(d, grid)


class Crashing(reference.ReferenceRuntime):
    """Fails in a way that no lane may."""

    def palette(self, d: Domain, element: Any) -> Column:
        raise TypeError("planted")


class Confused(reference.ReferenceRuntime):
    """In a battery, takes the first grid for all."""

    def input(self, d: Domain) -> Column:
        return super().input(d) if self.wanted is None else Column(d, [self.grids[0]] * d.size)


class CompiledMisturned(ImageRunner):
    """Mirrors where it should turn."""

    def engine(self, image: Image, limits: Limits) -> Engine:
        names = ["hmirror" if name == "rot180" else name for name in image.kernels]
        return super().engine(replace(image, kernels=tuple(names)), limits)


class CompiledConfused(ImageRunner):
    """With others, takes the first grid for all."""

    def ends(
        self, image: Image, grids: list[Any], wanted: Wanted, limits: Limits, *text: Any
    ) -> Ends:
        if wanted is not None:
            grids = [grids[0]] * len(grids)
        return super().ends(image, grids, wanted, limits, *text)


class Dying(ImageRunner):
    """Ends its process where a grid is turned."""

    def engine(self, image: Image, limits: Limits) -> Engine:
        if "rot180" in image.kernels:
            os.kill(os.getpid(), signal.SIGSEGV)
        return super().engine(image, limits)
