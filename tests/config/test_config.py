"""config.yaml: what can be said, and one truth about the defaults and their documentation."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.config import Config, Knob, config_keys, describe, load_config, parse_config
from pipeline.config.knobs import Corpus
from pipeline.diagnostics import Invalid, split_lines
from pipeline.ir.status import Limits

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "config.yaml"


def parse(text: str) -> Config:
    """The configuration of a text that is right."""
    return parse_config(text.encode(), "config.yaml", ROOT)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# nothing\n", "---\n", "~", "{}", "budget:\n", "\ufeff"]
)
def test_nothing_said_means_all_defaults(text: str) -> None:
    assert parse(text) == Config()


def test_no_file_means_all_defaults(tmp_path: Path) -> None:
    assert load_config(tmp_path / "config.yaml") == Config()
    (tmp_path / "config.yaml").touch()
    assert load_config(tmp_path / "config.yaml") == Config()


def test_the_shipped_file_says_the_defaults() -> None:
    assert load_config(SHIPPED) == Config(), "config.yaml is no longer as shipped"


def test_everything_can_be_changed() -> None:
    text = """
        corpora:
          re-arc: {builtin: re-arc}
          mine-2: {path: pipeline}
        battery: all
        data: [arc2-eval, arc1-train]
        backend: reference
        budget: {elements: 1, cells: 10_000_000, integer: 7, total: 2, turns: 3}
        known_failures: {mine-2: []}
        program: {max_nodes: 5}
        cache: {dir: /tmp/elsewhere, max_mib: 1}
    """
    config = parse(text)
    assert config.corpora == (Corpus("re-arc", builtin="re-arc"), Corpus("mine-2", path="pipeline"))
    assert (config.battery, config.data) == ("all", ("arc2-eval", "arc1-train"))
    assert config.budget == Limits(1, 10_000_000, 7, 2, 3)
    assert config.known_failures == {"mine-2": ()}
    assert (config.program.max_nodes, config.cache.dir, config.cache.max_mib) == (
        5,
        "/tmp/elsewhere",
        1,
    )


def test_one_key_leaves_the_others_at_their_defaults() -> None:
    config = parse("budget:\n  turns: 9\n")
    assert config.budget == Limits(turns=9)
    assert config.corpora == Config().corpora


def test_task_ids_need_no_quotes() -> None:
    ids = ("12345678", "1e123456", "00000000", "12345e10", "01234567", "101010e0")
    text = f"known_failures:\n  own: [{', '.join(ids)}]\n  re-arc: ['12345678', \"1e123456\"]\n"
    assert parse(text).known_failures == {"own": ids, "re-arc": ("12345678", "1e123456")}


@given(st.lists(st.text("0123456789abcdef", min_size=8, max_size=8), unique=True))
def test_any_task_id_is_read_as_written(ids: list[str]) -> None:
    text = "known_failures:\n  own:" + "".join(f"\n  - {i}" for i in ids) + " []" * (not ids)
    assert parse(text).known_failures["own"] == tuple(ids)


def test_paths_are_read_as_written(tmp_path: Path) -> None:
    for name in ["no", "123", "1e3", "null.d", "été x"]:
        (tmp_path / name).mkdir()
        config = tmp_path / "config.yaml"
        config.write_text(f"corpora:\n  own: {{path: {name}}}\ncache: {{dir: {name}}}\n", "utf-8")
        loaded = load_config(config)
        assert (loaded.corpora[0].path, loaded.cache.dir) == (name, name)


def test_the_order_of_corpora_is_kept_and_counts() -> None:
    ab = parse("corpora: {a: {path: solvers}, b: {builtin: re-arc}}")
    ba = parse("corpora: {b: {builtin: re-arc}, a: {path: solvers}}")
    assert ab != ba
    assert config_keys(ab, "corpora") != config_keys(ba, "corpora")


def test_the_default_known_failures_may_name_a_corpus_that_is_gone() -> None:
    assert parse("corpora: {mine: {path: solvers}}").known_failures == Config().known_failures


NODES = st.recursive(
    st.sampled_from(
        ["~", "'x'", "5", "-1", "all", "arc1-eval", "solvers", "12345678", "*a", "&a b"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda v: "[" + ", ".join(v) + "]"),
        st.lists(
            st.tuples(
                st.sampled_from(
                    ["corpora", "data", "budget", "cells", "own", "path", "builtin", "cache", "dir"]
                ),
                inner,
            ),
            max_size=3,
        ).map(lambda v: "{" + ", ".join(f"{k}: {x}" for k, x in v) + "}"),
    ),
    max_leaves=12,
)


@given(
    st.one_of(NODES.map(str.encode), st.binary(max_size=60), st.text(max_size=60).map(str.encode))
)
def test_any_file_is_a_config_or_a_list_of_errors(data: bytes) -> None:
    try:
        config = parse_config(data, "config.yaml", ROOT)
    except Invalid as invalid:
        found = invalid.diagnostics
    else:
        assert isinstance(config, Config)
        return
    lines = split_lines(data.decode("utf-8", "replace"))
    assert found
    for d in found:
        assert 1 <= d.span.line <= len(lines)
        assert 1 <= d.span.column <= len(lines[d.span.line - 1]) + 1
        assert d.message.isprintable()


def test_every_knob_is_described() -> None:
    names = [knob.name for knob in describe()]
    document = yaml.safe_load(SHIPPED.read_text("utf-8"))
    sections = {name.partition(".")[0] for name in names if "." in name}
    shipped = [
        f"{key}.{inner}" if inner else key
        for key, value in document.items()
        for inner in (value if key in sections else [""])
    ]
    assert names == shipped
    limits = [f"budget.{f.name}" for f in fields(Limits)]
    assert [n for n in names if n.startswith("budget.")] == limits


@pytest.mark.parametrize("knob", describe(), ids=lambda k: k.name)
def test_the_shipped_file_explains_each_knob(knob: Knob) -> None:
    words = comment_above(knob.name)
    assert knob.doc.lower() in words
    assert knob.unit.lower() in words
    assert f"default: {knob.default_text}" in words


def comment_above(name: str) -> str:
    """The comment right above a key of the shipped file, in one line and small letters."""
    lines = SHIPPED.read_text("utf-8").splitlines()
    section, _, key = name.rpartition(".")
    start = lines.index(f"{section}:") if section else 0
    at = next(
        k for k in range(start, len(lines)) if re.match(rf"{'  ' * bool(section)}{key}:", lines[k])
    )
    comment = []
    while lines[at - 1].lstrip().startswith("#"):
        at -= 1
        comment.insert(0, lines[at].strip().removeprefix("#").strip())
    return " ".join(comment).lower()


def test_config_keys_are_canonical() -> None:
    config = parse("cache: {max_mib: 7}\ncorpora: {b: {path: solvers}, a: {builtin: re-arc}}\n")
    text = config_keys(config, "cache.max_mib", "corpora", "budget", "data")
    assert text == config_keys(config, "data", "budget", "corpora", "cache.max_mib", "data")
    assert text == (
        '{"budget":{"cells":10000,"elements":50000,"integer":1048575,"total":200000,"turns":10000},'
        '"cache.max_mib":7,"corpora":[{"b":{"path":"solvers"}},{"a":{"builtin":"re-arc"}}],'
        '"data":["arc1-train"]}'
    )
    assert json.loads(config_keys(config, *(k.name for k in describe()))).keys() == {
        k.name for k in describe()
    }
    with pytest.raises(AttributeError):
        config_keys(config, "cache.no")


def test_a_config_crosses_a_process_boundary() -> None:
    assert pickle.loads(pickle.dumps(Config())) == Config()


def test_loading_needs_no_heavy_import() -> None:
    code = (
        "import sys; from pipeline.config.config import load_config; load_config('config.yaml');"
        "print([m for m in ('numpy', 'numba', 'pydantic', 'difflib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
