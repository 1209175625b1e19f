"""config.yaml: what a user reads for every kind of mistake, asserted whole."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pipeline.config.config import load_config, parse_config
from pipeline.config.knobs import Corpus
from pipeline.diagnostics import Invalid
from tests.config.complaints import check, complaint


def test_unknown_keys() -> None:
    text = "budgte:\n  elements: 5\nbudget:\n  elments: 5\n  max_mib: 4\nturns: 3\nfoo: 1\n"
    check(
        text,
        """
config.yaml:1:1: error[unknown-key]: no knob 'budgte'
    budgte:
    ^^^^^^
  note: did you mean budget?

config.yaml:4:3: error[unknown-key]: no knob 'budget.elments'
      elments: 5
      ^^^^^^^
  note: did you mean elements?

config.yaml:5:3: error[unknown-key]: no knob 'budget.max_mib'
      max_mib: 4
      ^^^^^^^
  note: did you mean cache.max_mib?

config.yaml:6:1: error[unknown-key]: no knob 'turns'
    turns: 3
    ^^^^^
  note: did you mean budget.turns?

config.yaml:7:1: error[unknown-key]: no knob 'foo'
    foo: 1
    ^^^
  note: possible: corpora, dialects, primitives, libraries, battery, data, backend, device, \
devices, gpu_memory_mib, gpu_timeout_s, gpu_registers, threads, memory_mib, kernel_target, budget, \
known_failures, program, \
cache, cluster

5 errors
""",
    )


def test_integers_out_of_range() -> None:
    text = (
        f"budget: {{cells: 0, total: -5, turns: 10000001}}\nprogram:\n  max_nodes: {'9' * 5000}\n"
    )
    found = complaint(text)
    assert "config.yaml:1:17: error[bad-value]: budget.cells: " in found
    assert "config.yaml:3:14: error[bad-value]: program.max_nodes: " in found
    assert found.count("expected an integer from 1 to 10000000, got ") == 4
    assert "got '0'\n" in found
    assert "got '-5'\n" in found
    assert "got '10000001'\n" in found
    assert f"got '{'9' * 37}...'\n" in found


def test_an_integer_that_does_not_pack() -> None:
    check(
        "budget:\n  integer: 1_048_576 # 2**20\n",
        """
config.yaml:2:12: error[bad-value]: budget.integer: expected an integer from 1 to 1048575, \
got '1_048_576'
      integer: 1_048_576 # 2**20
               ^^^^^^^^^
  note: a cell packs three integers into 64 bits: 21 bits each, with sign

1 error
""",
    )
    assert parse_config(b"budget: {integer: 1048575}", "").budget.integer == 2**20 - 1


def test_no_integers() -> None:
    check(
        "budget:\n  elements: '5'\n  cells: 010\n  integer:\n  total: [1]\n  turns: many\n",
        """
config.yaml:2:13: error[wrong-type]: budget.elements: expected an integer from 1 to 10000000, \
got the text '5'
      elements: '5'
                ^^^
  note: write it in plain decimal digits

config.yaml:3:10: error[wrong-type]: budget.cells: expected an integer from 1 to 10000000, got '010'
      cells: 010
             ^^^
  note: write it in plain decimal digits

config.yaml:4:11: error[wrong-type]: budget.integer: expected an integer from 1 to 1048575, \
got nothing
      integer:
              ^
  note: give a value, or leave this out for the default

config.yaml:5:10: error[wrong-type]: budget.total: expected an integer from 1 to 10000000, \
got a list
      total: [1]
             ^^^
  note: write it in plain decimal digits

config.yaml:6:10: error[wrong-type]: budget.turns: expected an integer from 1 to 10000000, \
got 'many'
      turns: many
             ^^^^
  note: write it in plain decimal digits

5 errors
""",
    )
    for text in ["1.0", "1e3", "0x10", "0b1", "1:30", "true", "{}", "'5'", "٣", "+5", "-", "_"]:
        assert "[wrong-type]: budget.cells: " in complaint(f"budget: {{cells: {text}}}")


def test_sections_that_are_none() -> None:
    check(
        "budget: 7\ncache: [a]\n",
        """
config.yaml:1:9: error[wrong-type]: budget: expected a mapping of \
elements, cells, integer, total, turns, got '7'
    budget: 7
            ^

config.yaml:2:8: error[wrong-type]: cache: expected a mapping of dir, remote, \
remote_access, max_mib, got a list
    cache: [a]
           ^^^

2 errors
""",
    )


def test_files_that_are_no_mapping() -> None:
    check(
        "- one\n- two\n",
        """
config.yaml:1:1: error[wrong-type]: the file: expected a mapping of \
corpora, dialects, primitives, libraries, battery, data, backend, device, devices, \
gpu_memory_mib, gpu_timeout_s, gpu_registers, threads, memory_mib, kernel_target, budget, \
known_failures, program, cache, \
cluster, \
got a list
    - one
    ^^^^^

1 error
""",
    )
    assert complaint("hello").splitlines()[0].endswith(", cluster, got 'hello'")


def test_words_that_are_no_choice() -> None:
    check(
        "battery: frist\nbackend: cuda\ndata: arc1-train\n",
        """
config.yaml:1:10: error[bad-value]: battery: expected one of first, all, got 'frist'
    battery: frist
             ^^^^^
  note: did you mean first?

config.yaml:2:10: error[bad-value]: backend: expected one of compiled, reference, got 'cuda'
    backend: cuda
             ^^^^
  note: possible: compiled, reference

config.yaml:3:7: error[wrong-type]: data: expected a list of \
arc1-train, arc1-eval, arc2-train, arc2-eval, got 'arc1-train'
    data: arc1-train
          ^^^^^^^^^^
  note: write it as [arc1-train]

3 errors
""",
    )


def test_members_of_a_list() -> None:
    check(
        "data: [arc1-train, arc1-trian, arc1-train, [x], ~]\n",
        """
config.yaml:1:20: error[bad-value]: data: expected one of \
arc1-train, arc1-eval, arc2-train, arc2-eval, got 'arc1-trian'
    data: [arc1-train, arc1-trian, arc1-train, [x], ~]
                       ^^^^^^^^^^
  note: did you mean arc1-train?

config.yaml:1:32: error[duplicate-value]: data: 'arc1-train' is listed twice
    data: [arc1-train, arc1-trian, arc1-train, [x], ~]
                                   ^^^^^^^^^^
  note: remove it here

config.yaml:1:44: error[wrong-type]: data: expected a single word, got a list
    data: [arc1-train, arc1-trian, arc1-train, [x], ~]
                                               ^^^

config.yaml:1:49: error[wrong-type]: data: expected one of \
arc1-train, arc1-eval, arc2-train, arc2-eval, got nothing
    data: [arc1-train, arc1-trian, arc1-train, [x], ~]
                                                    ^
  note: give a value, or leave this out for the default

4 errors
""",
    )


def test_empty_where_something_is_needed() -> None:
    check(
        "data: []\ncorpora: {}\ncache: {dir: ''}\n",
        """
config.yaml:1:7: error[bad-value]: data: the list is empty, and needs at least one
    data: []
          ^^
  note: write it as [arc1-train]

config.yaml:2:10: error[bad-value]: corpora: there is none, and at least one is needed
    corpora: {}
             ^^
  note: write own: {path: solvers} below it

config.yaml:3:14: error[bad-value]: cache.dir: expected a path, got the text ''
    cache: {dir: ''}
                 ^^

3 errors
""",
    )


CORPORA = """\
corpora:
  Own: {path: solvers}
  two: {path: solvers, builtin: re-arc}
  none: {}
  x: {paht: a}
  y: solvers
  z: {builtin: arc-dsl}
  w: {path: }
  v: {path: nowhere/at-all}
"""


def test_corpora() -> None:
    check(
        CORPORA,
        """
config.yaml:2:3: error[bad-value]: corpora: expected a name of a-z, 0-9 and -, got 'Own'
      Own: {path: solvers}
      ^^^

config.yaml:3:8: error[bad-value]: corpora.two: expected {path: ...} or {builtin: ...}, \
got path and builtin
      two: {path: solvers, builtin: re-arc}
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

config.yaml:4:9: error[bad-value]: corpora.none: expected {path: ...} or {builtin: ...}, got neither
      none: {}
            ^^

config.yaml:5:7: error[unknown-key]: corpora.x: no key 'paht'
      x: {paht: a}
          ^^^^
  note: did you mean path?

config.yaml:6:6: error[wrong-type]: corpora.y: expected {path: ...} or {builtin: ...}, got 'solvers'
      y: solvers
         ^^^^^^^

config.yaml:7:16: error[bad-value]: corpora.z.builtin: expected re-arc, got 'arc-dsl'
      z: {builtin: arc-dsl}
                   ^^^^^^^
  note: possible: re-arc

config.yaml:8:13: error[wrong-type]: corpora.w.path: expected the path of a file or folder, \
got nothing
      w: {path: }
                ^
  note: give a value, or leave this out for the default

config.yaml:9:13: error[bad-value]: corpora.v.path: 'nowhere/at-all' does not exist
      v: {path: nowhere/at-all}
                ^^^^^^^^^^^^^^
  note: paths begin at the folder of config.yaml: correct it, or make it

8 errors
""",
    )


def test_known_failures() -> None:
    check(
        "known_failures:\n  re-arc: [228F6490, 228f649, ~, 1.0e+0000, {a: b}]\n  own: 12345678\n",
        """
config.yaml:2:12: error[bad-value]: known_failures.re-arc: expected a task id of \
8 digits or small letters a to f, got '228F6490'
      re-arc: [228F6490, 228f649, ~, 1.0e+0000, {a: b}]
               ^^^^^^^^

config.yaml:2:22: error[bad-value]: known_failures.re-arc: expected a task id of \
8 digits or small letters a to f, got '228f649'
      re-arc: [228F6490, 228f649, ~, 1.0e+0000, {a: b}]
                         ^^^^^^^

config.yaml:2:31: error[bad-value]: known_failures.re-arc: expected a task id of \
8 digits or small letters a to f, got nothing
      re-arc: [228F6490, 228f649, ~, 1.0e+0000, {a: b}]
                                  ^

config.yaml:2:34: error[bad-value]: known_failures.re-arc: expected a task id of \
8 digits or small letters a to f, got '1.0e+0000'
      re-arc: [228F6490, 228f649, ~, 1.0e+0000, {a: b}]
                                     ^^^^^^^^^

config.yaml:2:45: error[wrong-type]: known_failures.re-arc: expected a single word, got a mapping
      re-arc: [228F6490, 228f649, ~, 1.0e+0000, {a: b}]
                                                ^^^^^^

config.yaml:3:8: error[wrong-type]: known_failures.own: expected a list of task ids, got '12345678'
      own: 12345678
           ^^^^^^^^
  note: write it as [228f6490]

6 errors
""",
    )


def test_known_failures_of_a_corpus_that_is_not_there() -> None:
    check(
        "known_failures:\n  rearc: [12345678]\n  own: []\n",
        """
config.yaml:2:3: error[unknown-key]: known_failures: no corpus 'rearc' under corpora
      rearc: [12345678]
      ^^^^^
  note: did you mean re-arc?
  note: remove this entry if the corpus is gone

1 error
""",
    )


def test_duplicate_keys_and_keys_that_are_no_words() -> None:
    text = "data: [arc1-eval]\nbudget: {cells: 1, cells: 2}\ndata: [arc1-eval]\n? [a]\n: 3\n"
    check(
        text + "'': 1\n\"a\\nb\": 2\n",
        """
config.yaml:2:20: error[duplicate-key]: 'cells' is given twice
    budget: {cells: 1, cells: 2}
                       ^^^^^
  note: it is first given on line 2: keep one of the two

config.yaml:3:1: error[duplicate-key]: 'data' is given twice
    data: [arc1-eval]
    ^^^^
  note: it is first given on line 1: keep one of the two

config.yaml:4:3: error[wrong-type]: expected a word as key, got a list
    ? [a]
      ^^^

config.yaml:6:1: error[wrong-type]: expected a word as key, got the text ''
    '': 1
    ^^

config.yaml:7:1: error[wrong-type]: expected a word as key, got the text 'a\\nb'
    "a\\nb": 2
    ^^^^^^

5 errors
""",
    )


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="the words are those of libyaml")
def test_what_is_no_yaml() -> None:
    check(
        "é: [ü,\ndata: }\n",
        """
config.yaml:2:7: error[yaml-syntax]: while parsing a flow node: did not find expected node content
    data: }
          ^
  note: this begins on line 2

1 error
""",
    )
    check(
        "battery: 'first\ndata: [arc1-train]",
        """
config.yaml:2:19: error[yaml-syntax]: while scanning a quoted scalar: found unexpected end of stream
    data: [arc1-train]
                      ^
  note: this begins on line 1

1 error
""",
    )
    check(
        "battery: all\n---\nbattery: first\n",
        """
config.yaml:2:1: error[yaml-syntax]: expected a single document in the stream: \
but found another document
    ---
    ^
  note: this begins on line 1

1 error
""",
    )
    check(
        "battery: *first\n",
        """
config.yaml:1:10: error[yaml-syntax]: found undefined alias
    battery: *first
             ^

1 error
""",
    )


def test_bytes_that_are_no_text() -> None:
    check(
        b"\xef\xbb\xbf# \xc3\xa9\r\nbattery: \xc3\n",
        """
config.yaml:2:10: error[not-utf-8]: byte 0xc3 is not UTF-8
    battery: \ufffd
             ^
  note: save the file as UTF-8

1 error
""",
    )
    check(
        "battery:\rall\x00\n",
        """
config.yaml:2:4: error[yaml-syntax]: character U+0000 can't stand in YAML
    all?
       ^
  note: remove it

1 error
""",
    )


def test_lines_count_as_in_an_editor() -> None:
    assert complaint("# \u2028 \x85 \u2029 note\n\nbattery: x\n").startswith("config.yaml:3:10: ")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").mkdir()
    with pytest.raises(Invalid) as caught:
        load_config(tmp_path / "config.yaml")
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == ("unreadable", "the file can't be read: Is a directory")


def test_a_relative_path_begins_at_the_file(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("corpora: {own: {path: mine}}\n")
    with pytest.raises(Invalid, match="'mine' does not exist"):
        load_config(config)
    (tmp_path / "mine").touch()
    assert load_config(config).corpora == (Corpus("own", path="mine"),)
