"""Domains and columns of the reference runtime: plain Python lists.

A *domain* is a batch of lanes. The root's lanes are samples; an inner domain's lanes are the
elements that some lane of its parent opened, in order: lane k of the parent has the lanes
`offsets[k]` to `offsets[k + 1]`. A *column* is one value for each lane of a domain, where a failed
lane holds its `Failure`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from pipeline.ir.status import Failure

Values = list[Any]


@dataclass(slots=True, eq=False)
class Domain:
    """A batch of lanes.

    lanes: the samples of a root domain, ascending; None elsewhere. parent_lanes: for each lane its
    lane in the parent. blocked: for each lane of the parent the Failure of what opened it, or None.
    scopes: for each lane the number under which totals are counted; lanes of one scope are
    consecutive. sources: what was opened, on the parent's lanes; is_cross: whether it was opened by
    `cross`.
    """

    size: int
    lanes: list[int] | None = None
    parent: Domain | None = None
    offsets: list[int] = field(default_factory=list)
    parent_lanes: list[int] = field(default_factory=list)
    blocked: list[Failure | None] = field(default_factory=list)
    scopes: list[int] = field(default_factory=list)
    maps: dict[int, list[int]] = field(default_factory=dict)
    sources: list[Values] = field(default_factory=list)
    is_cross: bool = False

    def map_from(self, source: Domain) -> list[int]:
        """For each lane its place in an instance of this domain that has at least these."""
        known = self.maps.get(id(source))
        if known is None:
            known = self.maps[id(source)] = self._map_from(source)
        return known

    def _map_from(self, source: Domain) -> list[int]:
        if self.lanes is not None:
            assert source.lanes is not None
            places = {lane: k for k, lane in enumerate(source.lanes)}
            return [places[lane] for lane in self.lanes]
        assert self.parent is not None
        assert source.parent is not None
        outer = (
            range(self.parent.size)
            if self.parent is source.parent
            else self.parent.map_from(source.parent)
        )
        offsets, starts = self.offsets, source.offsets
        return [starts[outer[p]] + lane - offsets[p] for lane, p in enumerate(self.parent_lanes)]


@dataclass(slots=True, eq=False)
class Column:
    """One value for each lane of a domain."""

    domain: Domain
    values: Values

    def on(self, domain: Domain) -> Values:
        """The values on the lanes of a domain: this one, or another instance with fewer lanes."""
        if domain is self.domain:
            return self.values
        values = self.values
        return [values[k] for k in domain.map_from(self.domain)]


def root_domain(lanes: list[int]) -> Domain:
    """The domain of these samples."""
    return Domain(len(lanes), lanes=lanes, scopes=list(range(len(lanes))))


def inner_domain(
    parent: Domain, counts: list[int], blocked: list[Failure | None], fresh_scopes: bool = False
) -> Domain:
    """The domain with so many lanes for each lane of the parent."""
    offsets = [0, *accumulate(counts)]
    parent_lanes = [k for k, count in enumerate(counts) for _ in range(count)]
    size = offsets[-1]
    scopes = list(range(size)) if fresh_scopes else [parent.scopes[p] for p in parent_lanes]
    return Domain(
        size,
        parent=parent,
        offsets=offsets,
        parent_lanes=parent_lanes,
        blocked=blocked,
        scopes=scopes,
    )
