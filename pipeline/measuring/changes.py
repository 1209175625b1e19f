"""What got slower or faster from one profile to the next, by more than chance.

Something got slower if its median is later than the old one by more than the noise: how far the old
repeats went above their median, and the new ones below theirs; faster, the other way round. What
else a machine does makes things slower, so that a stray repeat far above proves nothing against a
median that all others are near. The noise on a side is that of the timing's own repeats, and at
least what nine in ten of the timings of its kind have there that take about as long (up to twice or
half), as three repeats may lie close together by chance. Phases and passes are few and unlike: they
have at least the noise of the whole.

A fixed piece of work, the yardstick, is measured among the repeats: by twice as much as it took
longer or less long than then, everything may, as what uses more memory suffers more.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.measuring.timings import FORM, Timing

KINDS: Final = ("whole", "phase", "pass", "operation", "compile", "run")
"""Of timings: `compile` and `run` are those of solvers."""

FEW: Final = ("phase", "pass")
"""Kinds of which no two timings need be alike."""

SIDES: Final = ("above", "below")
NEIGHBOUR: Final = 2.0
DRIFT_COUNTS: Final = 2.0
MOST_QUIET: Final = 0.9
_OTHER: Final = {
    "machine": "another machine",
    "versions": "other versions",
    "settings": "other settings",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A profile as it was written: what it is of, and its timings by kind and name."""

    made: str
    repeats: int
    facts: Mapping[str, Mapping[str, Any]]
    yardstick: Timing
    timings: Mapping[str, Mapping[str, Timing]]


@dataclass(frozen=True, slots=True)
class Change:
    """What differs by more than the noise."""

    kind: str
    name: str
    before: float
    now: float
    noise: float

    @property
    def lost(self) -> float:
        """Seconds; negative where they are gained."""
        return self.now - self.before

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        numbers = {"before": self.before, "now": self.now, "noise": self.noise}
        rounded = {key: round(value, 9) for key, value in numbers.items()}
        return {"kind": self.kind, "name": self.name, **rounded}


@dataclass(frozen=True, slots=True)
class ProfilesCompared:
    """Two profiles compared.

    drift: what share more the yardstick took than then. differs: in words, what else is not as
    it was. changes: those that lost most first, those that gained most last; None if one of the
    profiles was measured once only, so that nobody knows its noise.
    """

    path: str
    made: str
    drift: float
    differs: tuple[str, ...]
    compared: int
    changes: tuple[Change, ...] | None

    @property
    def slower(self) -> list[Change]:
        """What lost time, most first."""
        return [change for change in self.changes or () if change.lost > 0]

    @property
    def faster(self) -> list[Change]:
        """What gained time, most first."""
        return [change for change in reversed(self.changes or ()) if change.lost < 0]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        changes = self.changes
        return {
            "against": self.path,
            "made": self.made,
            "drift": round(self.drift, 4),
            "differs": list(self.differs),
            "compared": self.compared,
            "changes": None if changes is None else [change.to_json() for change in changes],
        }


def read_profile(raw: Any) -> Known:
    """A profile, from its JSON; raises ValueError if it is none."""
    try:
        if raw["form"] != FORM:
            raise ValueError(f"a profile of form {raw['form']}, not {FORM}")
        facts = {name: dict(raw[name]) for name in (*_OTHER, "battery")}
        found = {kind: {t.name: t for t in _timings(raw, kind)} for kind in KINDS}
        yardstick = _timing("yardstick", raw["yardstick"])
        return Known(str(raw["made"]), int(raw["repeats"]), facts, yardstick, found)
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"no profile: {type(error).__name__}: {error}") from None


def _timings(raw: Mapping[str, Any], kind: str) -> Iterator[Timing]:
    if kind == "whole":
        yield _timing("whole", raw["whole"])
    elif kind in ("compile", "run"):
        for row in raw["solvers"]:
            if row[kind] is not None:
                yield _timing(row["name"], row[kind])
    else:
        for row in raw["passes" if kind == "pass" else f"{kind}s"]:
            yield _timing(row["name"], row)


def _timing(name: str, row: Mapping[str, Any]) -> Timing:
    return Timing(str(name), float(row["seconds"]), float(row["least"]), float(row["most"]))


def compare(old: Known, new: Known, path: str) -> ProfilesCompared:
    """What changed from an old profile, read from this path, to a new one."""
    drift = new.yardstick.seconds / old.yardstick.seconds - 1 if old.yardstick.seconds else 0.0
    pairs = [
        (kind, name) for kind in KINDS for name in new.timings[kind] if name in old.timings[kind]
    ]
    changes = None
    if min(old.repeats, new.repeats) > 1:
        found = [change for kind in KINDS for change in _changes(kind, old, new, abs(drift))]
        changes = tuple(sorted(found, key=lambda c: (-c.lost, c.kind, c.name)))
    return ProfilesCompared(path, old.made, drift, tuple(_differs(old, new)), len(pairs), changes)


def _changes(kind: str, old: Known, new: Known, drift: float) -> Iterator[Change]:
    before, now = old.timings[kind], new.timings[kind]
    sides = [{side: _noises(kind, known, side) for side in SIDES} for known in (old, new)]
    for name, timing in now.items():
        if name not in before:
            continue
        was = before[name].seconds
        late, early = ("above", "below") if timing.seconds > was else ("below", "above")
        noise = sides[0][late][name] + sides[1][early][name] + DRIFT_COUNTS * drift * was
        if abs(timing.seconds - was) > noise:
            yield Change(kind, name, was, timing.seconds, noise)


def _noises(kind: str, known: Known, side: str) -> dict[str, float]:
    """The noise of each timing of a kind, on one side of its median."""
    ordered = sorted(known.timings[kind].values(), key=lambda timing: timing.seconds)
    seconds = [timing.seconds for timing in ordered]
    shares = [_share(timing, side) for timing in ordered]
    noises = {}
    for timing, own in zip(ordered, shares, strict=True):
        first = bisect_left(seconds, timing.seconds / NEIGHBOUR)
        last = bisect_right(seconds, timing.seconds * NEIGHBOUR)
        near = sorted(shares[first:last])
        usual = near[min(len(near) - 1, int(MOST_QUIET * len(near)))]
        if kind in FEW:
            usual = _share(known.timings["whole"]["whole"], side)
        noises[timing.name] = max(own, usual) * timing.seconds
    return noises


def _share(timing: Timing, side: str) -> float:
    """How far repeats went above or below the median, as a share of it."""
    if not timing.seconds:
        return 0.0
    end = timing.most - timing.seconds if side == "above" else timing.seconds - timing.least
    return end / timing.seconds


def _differs(old: Known, new: Known) -> Iterator[str]:
    """What is not as it was, in words."""
    texts = {
        "machine": "another machine",
        "versions": "other versions",
        "settings": "other settings",
    }
    for part, text in texts.items():
        was, now = old.facts[part], new.facts[part]
        keys = [key for key in {**was, **now} if was.get(key) != now.get(key)]
        if keys:
            each = [f"{key} {_said(now, key)} (was {_said(was, key)})" for key in keys]
            yield f"{text}: {', '.join(each)}"
    was, now = old.facts["battery"], new.facts["battery"]
    if was.get("sources") != now.get("sources"):
        counts = [
            f"{facts.get('solvers')} solvers of {facts.get('tasks')} tasks" for facts in (now, was)
        ]
        yield f"another battery: {counts[0]} (was {counts[1]})"
    elif was.get("code") != now.get("code"):
        yield "the same solvers, compiled to other code"


def _count(battery: Mapping[str, Any]) -> str:
    return f"{battery.get('solvers')} solvers of {battery.get('tasks')} tasks"


def _said(facts: Mapping[str, Any], key: str) -> str:
    value = facts.get(key, "none")
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
