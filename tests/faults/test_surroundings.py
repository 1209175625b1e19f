"""A build in odd surroundings: names, locale, terminal, folders that are missing, files as other
systems write them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.tree import Tree

ODD = "sp ace ü'\"$q"
MISSING = "/nowhere/at/all"


def test_a_build_gives_the_same_in_odd_surroundings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Tree(tmp_path / "plain", 3)
    plain.run("link")
    odd = Tree(tmp_path / ODD, 3)
    first, second, third = (odd.source(ident) for ident in odd.idents)
    first.write_bytes(b"\xef\xbb\xbf" + first.read_bytes())
    second.write_bytes(second.read_bytes().replace(b"\n", b"\r\n"))
    third.write_bytes(third.read_bytes().replace(b"\n", b"\r"))
    for name in ("HOME", "LANG", "PYTHONUTF8", "PYTHONIOENCODING"):
        monkeypatch.delenv(name, raising=False)
    for name in ("TMPDIR", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR"):
        monkeypatch.setenv(name, MISSING)
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("PYTHONCOERCECLOCALE", "0")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "40")
    assert odd.run("link").endswith("generate: 3 generated\nlink: done\n")
    assert odd.outputs() == plain.outputs()
    odd.write(odd.idents[1], comment="    # größer\n    y = nosuch(I)\n")
    said = odd.run("link", status=1)
    assert f"solvers/{odd.idents[1]}.py:3:9: error[unknown-name]" in said


def test_a_name_that_changes_its_case_only_is_another_file(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "tree", 2)
    tree.run("link")
    ident = tree.idents[0]
    tree.source(ident).rename(tree.source(ident.upper()))
    assert "generate: 1 generated, 1 up to date" in tree.run("link")
    assert (
        f'"path": "solvers/{ident.upper()}.py"'
        in tree.outputs()[f"solvers/own/{ident}.map.json"].decode()
    )
