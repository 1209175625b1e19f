"""The plots of a profile as SVG, drawn by matplotlib.

They are functions of the profile's JSON alone: the same JSON gives the same bytes. Text stays text.
The background is transparent; lines and bars have colours that stand out on white and on black,
and text follows what the reader prefers, where the viewer knows it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pipeline.report.profile_plots import seconds_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_BARS: Final = 20
GREY, BLUE, ORANGE, RED, GREEN = "#808080", "#3d85c6", "#d98324", "#cc4b4b", "#3f9a5a"
_STYLE: Final = (
    "<style>text{fill:#3a3a3a!important}"
    "@media(prefers-color-scheme:dark){text{fill:#d0d0d0!important}}</style>"
)
_SETTINGS: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "profile",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica"],
    "font.size": 9.0,
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.titlecolor": GREY,
    "axes.titlesize": 11.0,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": GREY,
    "grid.alpha": 0.3,
    "grid.linewidth": 0.6,
    "text.color": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "legend.frameon": False,
    "path.simplify": False,
}
CUT: Final = 1.4
"""Of the longest bar: how far a plot goes at most."""

FEW_DECADES: Final = 300
"""An axis that goes less far is labelled between powers of ten too."""

_BAR_INCHES: Final = 0.24


def draw_profile(profile: Mapping[str, Any]) -> dict[str, str]:
    """The plots by name, as SVG; what the profile has nothing for is left out.

    ImportError where matplotlib is not installed.
    """
    import matplotlib

    drawn: dict[str, Callable[[Mapping[str, Any]], Figure | None]] = {
        "phases": _phases,
        "operations": _operations,
        "solvers": _solvers,
        "scaling": _scaling,
        "changes": _changes,
    }
    found = {}
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # whatever the user has settled for other plots
        matplotlib.rcParams.update(_SETTINGS)
        for name, draw in drawn.items():
            figure = draw(profile)
            if figure is not None:
                found[name] = _svg(figure)
    return found


def _svg(figure: Figure) -> str:
    file = io.StringIO()
    metadata = {"Date": None, "Creator": None}
    figure.savefig(file, format="svg", transparent=True, metadata=metadata)
    text = file.getvalue()
    head = text.index(">", text.index("<svg")) + 1
    return f"{text[:head]}\n {_STYLE}{text[head:]}"


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _bars(
    title: str,
    names: Sequence[str],
    parts: Sequence[tuple[str, str, Sequence[float]]],
    errors: Sequence[tuple[float, float]] = (),
) -> Figure:
    """Horizontal bars, the first on top; parts: label, colour and milliseconds, one beside another.

    errors: how far below and above each bar's end the repeats went. What went much further than
    the longest bar is cut, so that bars stay comparable.
    """
    figure, axes = _figure(7.2, 0.9 + _BAR_INCHES * len(names))
    places = range(len(names))
    ends = [0.0] * len(names)
    for label, colour, values in parts:
        axes.barh(places, values, 0.72, left=ends, color=colour, label=label or None)
        ends = [end + value for end, value in zip(ends, values, strict=True)]
    if errors:
        lines = list(zip(*errors, strict=True))
        axes.errorbar(ends, places, xerr=lines, fmt="none", ecolor=GREY, elinewidth=1, capsize=2)
    longest = max(ends) or 1.0
    reach = [
        end + above for end, (_, above) in zip(ends, errors or [(0, 0)] * len(ends), strict=True)
    ]
    most = min(max(reach), CUT * longest)
    for place, end, far in zip(places, ends, reach, strict=True):
        at = (far if far <= most else end, place)
        axes.annotate(
            _ms(end), at, (4, 0 if far <= most else 5), textcoords="offset points", va="center"
        )
    _rows(axes, names)
    axes.set_xlim(0, 1.12 * most)
    axes.set_xlabel("ms")
    axes.set_title(title)
    if len(parts) > 1:
        axes.legend(loc="lower right")
    return figure


def _rows(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows of bars, the first on top."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")


def _ms(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _error(row: Mapping[str, Any]) -> tuple[float, float]:
    seconds = row["seconds"]
    return 1e3 * (seconds - row["least"]), 1e3 * (row["most"] - seconds)


def _phases(profile: Mapping[str, Any]) -> Figure | None:
    """The phases in their order, and under `generate` its steps."""
    names, phases, steps, errors = [], [], [], []
    for row in profile["phases"]:
        names.append(row["name"])
        phases.append(1e3 * row["seconds"])
        steps.append(0.0)
        errors.append(_error(row))
        if row["name"] == "generate":
            for step in profile["passes"]:
                names.append(step["name"])
                phases.append(0.0)
                steps.append(1e3 * step["seconds"])
                errors.append(_error(step))
    whole = profile["whole"]["seconds"]
    tasks = profile["battery"]["tasks"]
    title = f"Where the time goes: {1e3 * whole:,.0f} ms for {tasks:,} tasks"
    return _bars(
        title, names, [("phase", BLUE, phases), ("step of generate", ORANGE, steps)], errors
    )


def _operations(profile: Mapping[str, Any]) -> Figure | None:
    rows = profile["operations"][:MOST_BARS]
    if not rows:
        return None
    values = [1e3 * row["seconds"] for row in rows]
    title = f"The slowest of {len(profile['operations']):,} operations: kernels in a check"
    names = [row["name"] for row in rows]
    return _bars(title, names, [("", BLUE, values)], [_error(row) for row in rows])


def _solvers(profile: Mapping[str, Any]) -> Figure | None:
    rows = profile["solvers"][:MOST_BARS]
    parts = [("compile", ORANGE, [1e3 * row["compile"]["seconds"] for row in rows])]
    if any(row["run"] for row in rows):
        ran = [1e3 * row["run"]["seconds"] if row["run"] else 0.0 for row in rows]
        parts.append(("run", BLUE, ran))
    title = f"The slowest of {len(profile['solvers']):,} solvers"
    return _bars(title, [row["name"] for row in rows], parts)


def _scaling(profile: Mapping[str, Any]) -> Figure | None:
    """Seconds over tasks, both logarithmic, beside a line of slope 1."""
    from matplotlib.ticker import LogLocator

    rows = profile["scaling"]
    if len(rows) < 2:
        return None
    figure, axes = _figure(7.2, 5.2)
    tasks = [row["tasks"] for row in rows]
    seconds = [row["seconds"] for row in rows]
    error = [
        [row["seconds"] - row["least"] for row in rows],
        [row["most"] - row["seconds"] for row in rows],
    ]
    straight = [seconds[-1] * count / tasks[-1] for count in tasks]
    axes.errorbar(tasks, seconds, error, marker="o", color=RED, capsize=3, linewidth=2)
    axes.plot(tasks, seconds, marker="o", color=RED, linewidth=2, label="whole")
    axes.plot(tasks, straight, "--", color=GREY, linewidth=1.2, label="as the tasks: slope 1")
    colours = (BLUE, ORANGE, GREEN, "#9467bd", "#8c6d46", "#c659a6", "#5b9aa0")
    for colour, name in zip(colours, rows[-1]["phases"], strict=False):
        each = [row["phases"][name] for row in rows]
        axes.plot(tasks, each, marker=".", color=colour, linewidth=1, label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(tasks, [f"{count:,}" for count in tasks])
    least = min(row["phases"][name] for row in rows for name in row["phases"]) or 1.0
    if max(seconds) < FEW_DECADES * least:
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(lambda value, place: seconds_text(value))
    axes.minorticks_off()
    axes.grid()
    axes.set_xlabel("tasks")
    axes.set_title("How the time grows with the tasks")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _changes(profile: Mapping[str, Any]) -> Figure | None:
    """What got slower, to the right, and faster, to the left."""
    compared = profile.get("comparison")
    if not compared or not compared["changes"]:
        return None
    rows = sorted(compared["changes"], key=lambda row: -abs(row["now"] - row["before"]))[:MOST_BARS]
    rows.sort(key=lambda row: row["before"] - row["now"])
    values = [1e3 * (row["now"] - row["before"]) for row in rows]
    figure, axes = _figure(7.2, 0.9 + _BAR_INCHES * len(rows))
    places = range(len(rows))
    axes.barh(places, values, 0.72, color=[RED if value > 0 else GREEN for value in values])
    for place, value in zip(places, values, strict=True):
        axes.annotate(
            f"{'+' if value > 0 else '−'}{_ms(abs(value))}",
            (value, place),
            (4 if value > 0 else -4, 0),
            textcoords="offset points",
            va="center",
            ha="left" if value > 0 else "right",
        )
    _rows(axes, [_changed_name(row) for row in rows])
    axes.margins(x=0.15)
    axes.axvline(0, color=GREY, linewidth=1)
    axes.set_xlabel("ms more (slower) or less (faster)")
    axes.set_title(f"What changed since {compared['made']}")
    return figure


def _changed_name(row: Mapping[str, Any]) -> str:
    return row["name"] if row["kind"] == "whole" else f"{row['kind']} {row['name']}"
