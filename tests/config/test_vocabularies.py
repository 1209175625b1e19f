"""`dialects` of config.yaml: what can be said, and what a user reads for every kind of mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.config.config import parse_config
from pipeline.config.vocabularies import READY
from pipeline.frontend.known_lines import WORDS
from tests.config.complaints import check

MISTAKES = (Path(__file__).parent / "golden/vocabularies.txt").read_text()

RIGHT = """\
corpora:
  own: {path: solvers, dialect: mine}
  theirs: {path: solvers, dialect: typed}
  re-arc: {builtin: re-arc}
dialects:
  mine:
    suffixes: [f, t]
    names:
      biggest: argmax
      flat: {primitive: objects, arguments: {univalued: T, diagonal: false, without_bg: T}}
      mir_rot: {argument: 2, choices: {x: hmirror, 0: vmirror}}
    constants: {COLOR: 5, CORNER: [0, -1], YES: true}
  bare:
    suffixes: [x]
"""


def test_what_a_dialect_may_say() -> None:
    config = parse_config(RIGHT.encode(), "config.yaml")
    assert json.loads(config.dialect_of("own")) == {
        "suffixes": ["f", "t"],
        "names": {
            "biggest": "argmax",
            "flat": {
                "primitive": "objects",
                "arguments": {"univalued": "T", "diagonal": False, "without_bg": "T"},
            },
            "mir_rot": {"argument": 2, "choices": {"x": "hmirror", "0": "vmirror"}},
        },
        "constants": {"COLOR": 5, "CORNER": [0, -1], "YES": True},
    }
    assert config.dialect_of("theirs") == READY["typed"]
    assert config.dialect_of("re-arc") == config.dialect_of("none") == ""
    assert json.loads(config.dialects["bare"]) == {"suffixes": ["x"], "names": {}, "constants": {}}


@pytest.mark.parametrize("name", READY)
def test_what_is_ready_takes_no_word_away(name: str) -> None:
    suffixes = json.loads(READY[name])["suffixes"]
    words = {word for word in WORDS if not word.endswith("(")}
    assert [
        w for w in words if w.rpartition("_")[2] in suffixes and w.rpartition("_")[0] in words
    ] == []


def test_mistakes() -> None:
    check(
        """\
corpora:
  own: {path: solvers, dialect: mien}
dialects:
  typed: {}
  Mine: [f]
  mine:
    sufixes: [f]
    suffixes: [_f]
    names:
      size: argmax
      a b: argmax
      one: argmaxx
      two: {primitive: hmirorr, arguments: {grid: T}}
      three: {primitive: multiply, arguments: {c: 1, b: x}}
      four: {primitive: multiply, arguments: {a: 1, b: 1}}
      five: {argument: 3, choices: {x: hmirror, y: vmirror}}
      six: {argument: 1, choices: {x: hmirror, y: multiply}}
      seven: {argument: 1}
      eight:
      nine: {argument: 1, choices: {x: {argument: 1, choices: {}}}}
    constants: {A: 1.5, B: [1], ONE: 1, one: 2}
""",
        MISTAKES,
    )


def test_a_dialect_that_there_is_not() -> None:
    check(
        "corpora:\n  own: {path: solvers, dialect: typd}\n",
        """
config.yaml:2:33: error[bad-value]: corpora.own.dialect: expected the name of a dialect, got 'typd'
      own: {path: solvers, dialect: typd}
                                    ^^^^
  note: did you mean typed?

1 error
""",
    )


def test_paths_of_rows_and_libraries() -> None:
    check(
        "primitives: [rows, rows]\nlibraries: {a: 1}\n"
        "corpora:\n  own: {path: solvers, libraries: }\n",
        """
config.yaml:1:14: error[bad-value]: primitives: 'rows' does not exist
    primitives: [rows, rows]
                 ^^^^
  note: paths begin at the folder of config.yaml: correct it, or make it

config.yaml:1:20: error[duplicate-value]: primitives: 'rows' is listed twice
    primitives: [rows, rows]
                       ^^^^
  note: remove it here

config.yaml:2:12: error[wrong-type]: libraries: expected a list of paths, got a mapping
    libraries: {a: 1}
               ^^^^^^
  note: write it as [FOLDER]

config.yaml:4:35: error[wrong-type]: corpora.own.libraries: expected a path, got nothing
      own: {path: solvers, libraries: }
                                      ^
  note: give a value, or leave this out for the default

4 errors
""",
    )
