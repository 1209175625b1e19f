"""`config.yaml`: every knob declared once, and the loader made from the declarations.

To add a knob, add its line to a section below, and its key with a comment to `config.yaml`. The
declaration is its default, its check and its row in the documentation (`describe`).

This loads on every command, so it imports neither NumPy nor a validation library. Measured beside
what doit imports anyway: import 16 ms, 11 of them PyYAML; loading the default file 1 ms.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import Field, asdict, dataclass, field, fields, is_dataclass
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

from yaml import MappingNode, Node

from pipeline.config.knobs import (
    GPU_REGISTERS,
    NO_ADDRESS,
    NO_REMOTE,
    PATHS,
    Address,
    Corpora,
    Corpus,
    DataSets,
    Location,
    Locations,
    Numbers,
    OneOf,
    SchedulerAddress,
    TaskIds,
    Whole,
)
from pipeline.config.vocabularies import READY, Dialects
from pipeline.config.yaml_nodes import (
    Kind,
    Reader,
    compose,
    decode,
    did_you_mean,
    is_nothing,
    quoted,
)
from pipeline.diagnostics import Diagnostic, Invalid, Span, split_lines
from pipeline.ir.status import DEFAULT_LIMITS as _LIMITS
from pipeline.ir.status import Limits
from pipeline.primitives import VARIABLE


def _knob(default: Any, kind: Kind, unit: str, doc: str) -> Any:
    """Declare a knob: its default, what it may hold, its unit, and what it is for."""
    metadata = {"kind": kind, "unit": unit, "doc": doc}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


DEVICES = ("auto", "cpu", "cuda")
"""What may run compiled kernels: the GPU where the work is large enough, the CPU, the GPU."""

KERNEL_TARGETS = ("x86-64-v2", "x86-64-v3", "x86-64-v4")
"""Kinds of processors, beside this machine's, that kernels can be compiled for."""

_COUNT = Whole(1, 10_000_000)
_INTEGER = Whole(1, 2**20 - 1, "a cell packs three integers into 64 bits: 21 bits each, with sign")
_DATA = DataSets("arc1-train", "arc1-eval", "arc2-train", "arc2-eval")
_CORPORA = (Corpus("own", path="solvers"), Corpus("re-arc", builtin="re-arc"))
_WRONG_VERIFIERS = (
    *("228f6490", "29ec7d0e", "53b68214", "6cf79266"),
    *("7e0986d6", "a64e4611", "a8d7556c", "e5062a87"),
)


@dataclass(init=False, repr=False, eq=False)
class _Budget:
    """The knobs of `Limits`; never made, so it needs no methods."""

    elements: int = _knob(_LIMITS.elements, _COUNT, "elements", "most elements of a tuple or set")
    cells: int = _knob(_LIMITS.cells, _COUNT, "cells", "most cells of a grid")
    integer: int = _knob(_LIMITS.integer, _INTEGER, "a number", "largest magnitude of an integer")
    total: int = _knob(_LIMITS.total, _COUNT, "elements", "most elements one operation handles")
    turns: int = _knob(_LIMITS.turns, _COUNT, "turns", "most turns of one while or power")


@dataclass(frozen=True)
class Cache:
    """Where finished work is kept, by the hash of what it was made from."""

    dir: str = _knob(".cache", Location(), "a path", "folder of the cache")
    remote: str = _knob(NO_REMOTE, Address(), "a path or address", "kernels that machines share")
    remote_access: str = _knob(
        "read-write", OneOf("read-write", "read"), "a word", "what is done with the shared kernels"
    )
    max_mib: int = _knob(512, Whole(1, 1_000_000), "MiB", "size above which the oldest entries go")

    @property
    def folder(self) -> Path:
        """The folder as a path."""
        return Path(self.dir)


@dataclass(frozen=True)
class ProgramBounds:
    """Bounds on one solver's code."""

    max_nodes: int = _knob(20_000, _COUNT, "nodes", "most nodes of one flattened solver")


@dataclass(frozen=True)
class Cluster:
    """More machines than one: `docs/cluster.md`."""

    scheduler: str = _knob(
        NO_ADDRESS,
        SchedulerAddress(),
        "an address",
        "the scheduler of a Dask cluster that is there",
    )
    scheduler_file: str = _knob(
        NO_ADDRESS,
        Location(f"{NO_ADDRESS}, or a path"),
        "a path",
        "the file that such a scheduler has written",
    )
    workers: int = _knob(
        0, Whole(0, 1024), "processes", "instead: how many workers are started here, 0 for none"
    )
    patience: int = _knob(
        300, Whole(1, 1_000_000), "seconds", "how long a run waits where no worker is there"
    )
    pending: int = _knob(
        3, Whole(1, 100), "blocks", "how many are on their way for each thread of a worker"
    )


@dataclass(frozen=True)
class Config:
    """What `config.yaml` says; `corpora` come in order of precedence."""

    corpora: tuple[Corpus, ...] = _knob(
        _CORPORA, Corpora("re-arc"), "names and sources", "where solvers come from"
    )
    dialects: Mapping[str, str] = _knob(
        {}, Dialects(), "names and words", "other words that solvers may be written in"
    )
    primitives: tuple[str, ...] = _knob(
        (),
        Locations(PATHS),
        "paths",
        "rows of your own, which are code and are run",
    )
    libraries: tuple[str, ...] = _knob(
        (), Locations(PATHS), "paths", "functions and constants that solvers use by name"
    )
    battery: str = _knob(
        "first", OneOf("first", "all"), "a word", "which of a task's solvers are checked"
    )
    data: tuple[str, ...] = _knob(
        ("arc1-train",), _DATA, "names of data sets", "whose tasks are checked"
    )
    backend: str = _knob(
        "compiled", OneOf("compiled", "reference"), "a word", "what runs the battery"
    )
    device: str = _knob("auto", OneOf(*DEVICES), "a word", "what runs compiled kernels")
    devices: str | tuple[int, ...] = _knob(
        "all", Numbers(63), "numbers", "which GPUs, as the CUDA driver counts them"
    )
    gpu_memory_mib: int = _knob(
        0, Whole(0, 1_000_000), "MiB", "memory a GPU's values may take, 0 for most that is free"
    )
    gpu_timeout_s: int = _knob(
        120, Whole(0, 86_400), "seconds", "how long a GPU may be at one launch, 0 for any time"
    )
    gpu_registers: int = _knob(
        GPU_REGISTERS,
        Whole(0, 255),
        "registers",
        "how many registers a thread has on a GPU at most, 0 for as many as kernels want",
    )
    threads: int = _knob(
        0, Whole(0, 1024), "threads", "how many threads run the battery, 0 for one a core"
    )
    memory_mib: int = _knob(
        0,
        Whole(0, 1_000_000),
        "MiB",
        "memory that the running battery's values may take, 0 for 256 MiB or more a thread",
    )
    kernel_target: str = _knob(
        "host",
        OneOf("host", *KERNEL_TARGETS),
        "a word",
        "which processor kernels are compiled for",
    )
    budget: Limits = field(default_factory=Limits)
    known_failures: Mapping[str, tuple[str, ...]] = _knob(
        {"re-arc": _WRONG_VERIFIERS}, TaskIds(), "task ids", "what may be wrong, by corpus"
    )
    program: ProgramBounds = field(default_factory=ProgramBounds)
    cache: Cache = field(default_factory=Cache)
    cluster: Cluster = field(default_factory=Cluster)

    def dialect_of(self, corpus: str) -> str:
        """What the words of a corpus are: see `frontend.dialects`; empty for those of the DSL."""
        names = {c.name: c.dialect for c in self.corpora}
        return {"": "", **READY, **self.dialects}[names.get(corpus, "")]

    def libraries_of(self, corpus: str) -> tuple[str, ...]:
        """Where the libraries are that the solvers of a corpus may use: its own come first."""
        found = next((c for c in self.corpora if c.name == corpus), Corpus(corpus))
        return found.libraries if found.builtin else (*found.libraries, *self.libraries)


class Knob(NamedTuple):
    """One knob as the documentation shows it: `name` dotted, `accepts` in words."""

    name: str
    accepts: str
    default: Any
    unit: str
    doc: str

    @property
    def default_text(self) -> str:
        """The default as it is written in YAML."""
        return _flow(_plain(self.default))


def describe(owner: type = Config, prefix: str = "") -> list[Knob]:
    """Every knob, in the order of the file."""
    found = []
    for f in fields(owner):
        inner = _knobs_of(f)
        if inner is not None:
            found += describe(inner, f"{prefix}{f.name}.")
            continue
        default = getattr(owner(), f.name)
        kind, unit, doc = (f.metadata[key] for key in ("kind", "unit", "doc"))
        found.append(Knob(prefix + f.name, kind.text, default, unit, doc))
    return found


def _knobs_of(f: Field[Any]) -> type | None:
    """The class that declares the knobs of a section, or None for a knob."""
    if "kind" in f.metadata:
        return None
    made: Any = f.default_factory
    return _Budget if made is Limits else made


def load_config(path: str | Path = "config.yaml") -> Config:
    """The configuration in a file; none, or an empty one, means all defaults.

    Raises Invalid, with everything that is wrong with the file.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        use_rows(())
        return Config()
    except OSError as error:
        message = f"the file can't be read: {error.strerror}"
        raise Invalid([Diagnostic(Span(str(path), 1, 1), "unreadable", message)]) from error
    return parse_config(data, str(path), path.parent)


def parse_config(data: bytes, path: str, root: Path | None = None) -> Config:
    """The configuration in the content of a file; with `root`, its paths must exist from there."""
    text = decode(data, path)
    reader = Reader(path, split_lines(text), root)
    node = compose(text, path)
    _use_rows_of(reader, node)
    values = {} if node is None else _read_knobs(reader, node, Config, "")
    if not reader.diagnostics and isinstance(node, MappingNode):
        _check_corpora_are_known(reader, node, values)
        _check_dialects_are_known(reader, node, values)
        _check_one_cluster(reader, node)
    if reader.diagnostics:
        raise Invalid(reader.diagnostics)
    return Config(**values)


def use_rows(paths: Sequence[str], look: bool = True) -> None:
    """Have these rows of the project's own in the table, and no others: see `table.use`.

    Where there are none, and there were none, the table is not even imported.
    """
    if paths or os.environ.get(VARIABLE) or "pipeline.primitives.table" in sys.modules:
        from pipeline.primitives.table import use

        use(paths, look)


def _use_rows_of(reader: Reader, node: Node | None) -> None:
    """Use the rows that a file names: they come first, as its dialects may name them too."""
    root = reader.root
    if root is None:
        return
    kind = Config.__dataclass_fields__["primitives"].metadata["kind"]
    pairs = node.value if isinstance(node, MappingNode) else []
    values = [value for key, value in pairs if key.value == "primitives" and not is_nothing(value)]
    quiet = Reader(reader.path, reader.lines, root)  # what is wrong here, the knob itself will say
    paths = quiet.attempt(kind, values[0], "primitives") if values else ()
    if not quiet.diagnostics:
        use_rows([(root / path).as_posix() for path in paths])


def config_keys(config: Config, *names: str) -> str:
    """The values of some knobs or sections (`budget`, `cache.dir`) as canonical JSON text."""
    found = {}
    for name in names:
        value: Any = config
        for part in name.split("."):
            value = getattr(value, part)
        found[name] = _plain(value)
    return json.dumps(found, sort_keys=True, separators=(",", ":"))


def knob_values(config: Config) -> dict[str, Any]:
    """The value of every knob, by its dotted name, in terms of JSON."""
    return {k.name: _plain(reduce(getattr, k.name.split("."), config)) for k in describe()}


def _plain(value: Any) -> Any:
    """The value in terms of JSON."""
    if isinstance(value, Corpus):
        source: dict[str, Any] = {"path": value.path} if value.path else {"builtin": value.builtin}
        source |= {"dialect": value.dialect} if value.dialect else {}
        source |= {"libraries": list(value.libraries)} if value.libraries else {}
        return {value.name: source}
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return value


def _flow(value: Any) -> str:
    """The plain value as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return _flow({k: v for part in value for k, v in part.items()})
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return str(value)


def _read_knobs(reader: Reader, node: Node, owner: type, prefix: str) -> dict[str, Any]:
    """The values given for the knobs and sections of a class, by field name."""
    known = {f.name: f for f in fields(owner)}
    values: dict[str, Any] = {}
    what = "a mapping of " + ", ".join(known)
    if is_nothing(node):
        return values
    if not isinstance(node, MappingNode):
        reader.wrong_type(node, prefix.rstrip(".") or "the file", what)
        return values
    for name, key, value in reader.items(node, prefix, what):
        if name not in known:
            note = _other_place(name) or did_you_mean(name, list(known))
            reader.report(key, "unknown-key", f"no knob {quoted(prefix + name)}", note)
            continue
        section = _knobs_of(known[name])
        if section is None:
            values[name] = reader.attempt(known[name].metadata["kind"], value, prefix + name)
        else:
            inner = _read_knobs(reader, value, section, f"{prefix}{name}.")
            make: Any = known[name].default_factory
            values[name] = make(**inner)
    return values


def _other_place(name: str) -> str:
    """A note on the knobs of this name that stand elsewhere."""
    others = [k.name for k in describe() if k.name.rpartition(".")[2] == name]
    return f"did you mean {' or '.join(others)}?" if others else ""


def _check_dialects_are_known(reader: Reader, root: MappingNode, values: dict[str, Any]) -> None:
    """Report dialects of corpora that there are not."""
    known = [*READY, *values.get("dialects", ())]
    corpora = [node for section, node in root.value if section.value == "corpora"]
    for corpus, source in [pair for node in corpora for pair in node.value]:
        for key, value in source.value:
            if key.value == "dialect" and value.value not in known:
                name = f"corpora.{corpus.value}.dialect"
                note = did_you_mean(value.value, known)
                reader.bad_value(value, name, "the name of a dialect", note)


def _check_one_cluster(reader: Reader, root: MappingNode) -> None:
    """Report a second way to a cluster: they exclude each other."""
    ways = [
        (key, name)
        for section, node in root.value
        if section.value == "cluster" and isinstance(node, MappingNode)
        for key, value in node.value
        if (name := key.value) in ("scheduler", "scheduler_file", "workers")
        if value.value not in (NO_ADDRESS, "0")
    ]
    for key, name in ways[1:]:
        message = f"cluster.{name}: there is cluster.{ways[0][1]} already"
        reader.report(key, "bad-value", message, "a run has one cluster: remove one of the two")


def _check_corpora_are_known(reader: Reader, root: MappingNode, values: dict[str, Any]) -> None:
    """Report ids that are listed for a corpus which there is not."""
    names = [c.name for c in values.get("corpora", _CORPORA)]
    for section, node in root.value:
        for key, _ in node.value if section.value == "known_failures" else ():
            if key.value not in names:
                message = f"known_failures: no corpus {quoted(key.value)} under corpora"
                notes = did_you_mean(key.value, names), "remove this entry if the corpus is gone"
                reader.report(key, "unknown-key", message, *notes)
