"""What runs after which change, by whole builds: exactly what must, and nothing else."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.config import paths
from tests.faults.tree import Tree, clone

CACHE = ".cache/objects.db"
NOTHING = "generate: 24 up to date\nlink: up to date\n"


def times(tree: Tree) -> dict[Path, int]:
    """When each generated file was written last."""
    files = (tree.root / "generated").rglob("*.*")
    return {path: path.stat().st_mtime_ns for path in files}


def test_null_build_runs_nothing_and_writes_nothing(tree: Tree) -> None:
    tree.run("link")
    before = times(tree), (tree.root / ".doit.db").read_bytes()
    assert tree.run("link") == NOTHING
    assert (times(tree), (tree.root / ".doit.db").read_bytes()) == before


def test_fresh_clone_with_restored_records_and_outputs_runs_nothing(
    tree: Tree, tmp_path: Path
) -> None:
    clone(tree.root, tmp_path / "clone", "generated", ".doit.db")
    shutil.copytree(tree.gate, tmp_path / "gate", copy_function=lambda *_: None)
    assert tree.run("link", cwd=tmp_path / "clone") == NOTHING
    assert tree.run("link", cwd=tmp_path / "clone") == NOTHING


def test_comment_changes_one_file_and_links_nothing(tree: Tree) -> None:
    before = tree.outputs()
    tree.write(tree.idents[8], comment="    # what this is for\n")
    ident = f"generate:own/{tree.idents[8]}"
    expected = f"{ident}\ngenerate: 1 generated, 23 up to date\nlink: up to date\n"
    assert tree.run("link") == expected
    after = tree.outputs()
    assert {name for name in before if before[name] != after[name]} <= {
        f"solvers/own/{tree.idents[8]}.map.json"  # lines have moved
    }
    tree.assert_right()


@pytest.mark.parametrize(
    "path",
    ["pipeline/report/__init__.py", "pipeline/commands/jobs.py", "dodo.py", "pyproject.toml"],
)
def test_wording_elsewhere_regenerates_nothing(tree: Tree, path: str) -> None:
    with open(tree.root / path, "a") as file:
        file.write("\n# other words\n")
    assert tree.run("link") == NOTHING


@pytest.mark.parametrize(
    "path", ["pipeline/passes/__init__.py", "pipeline/ir/status.py", "pipeline/diagnostics.py"]
)
def test_change_of_the_compiler_regenerates_everything(tree: Tree, path: str) -> None:
    before = tree.outputs()
    with open(tree.root / path, "a") as file:
        file.write("\n# other code\n")
    assert tree.run("link") == "generate: 24 generated\nlink: done\n"
    assert tree.outputs() == before
    tree.assert_nothing_to_do()


def test_new_file_in_the_compiler_regenerates_everything(tree: Tree) -> None:
    (tree.root / "pipeline/passes/another.py").write_text("")
    assert tree.run("link") == "generate: 24 generated\nlink: done\n"


@pytest.mark.parametrize("name", ["engine/lower.py", "kernels/structure/closers.py"])
def test_what_makes_the_image_links_anew_and_generates_nothing(tree: Tree, name: str) -> None:
    tree.run("link")
    with (tree.root / "pipeline" / name).open("a") as file:
        file.write("# changed\n")
    assert tree.run("link") == "generate: 24 up to date\nlink: done\n"
    tree.assert_nothing_to_do()


def test_changed_solver_changes_its_own_outputs_and_the_battery(tree: Tree) -> None:
    before = times(tree)
    tree.write(tree.idents[8], "vmirror")
    tree.run("link")
    after = times(tree)
    changed = {path.name for path in before if before[path] != after[path]}
    assert before.keys() == after.keys()
    assert changed - {"batt.map.json", "batt.json", f"{tree.idents[8]}.map.json"} == {
        *("batt.py", "batt.image"),
        f"{tree.idents[8]}.py",
    }
    tree.assert_right()


def test_a_link_does_without_what_the_cache_lost(tree: Tree) -> None:
    tree.run("link")
    for path in (tree.root / ".cache").glob("objects.db*"):
        path.unlink()
    tree.write(tree.idents[8], "vmirror")
    assert tree.run("link") == (
        f"generate:own/{tree.idents[8]}\ngenerate: 1 generated, 23 up to date\nlink: done\n"
    )
    tree.assert_right()


def test_an_image_that_is_gone_or_damaged_is_linked_again(tree: Tree) -> None:
    image = tree.root / "generated/batt.image"
    tree.run("link")
    data = image.read_bytes()
    for wrong in (None, data[:-1]):
        image.unlink()
        if wrong is not None:
            image.write_bytes(wrong)
        assert tree.run("link") == "generate: 24 up to date\nlink: done\n"
        assert image.read_bytes() == data


def test_added_renamed_and_removed_solvers_change_exactly_their_own(tree: Tree) -> None:
    new, old = "b0000000", tree.idents[3]
    battery = (tree.root / "generated/batt.py").read_bytes()
    before = times(tree)
    tree.write(new)
    assert "generate: 1 generated, 24 up to date\nlink: done" in tree.run("link")
    tree.source(new).unlink()
    assert tree.run("link") == "generate: 24 up to date\nlink: done\n"
    assert (tree.root / "generated/batt.py").read_bytes() == battery
    text = tree.source(old).read_text()
    tree.source(old).unlink()
    tree.source(new).write_text(text.replace(old, new))
    assert "generate: 1 generated, 23 up to date\nlink: done" in tree.run("link")
    after = times(tree)
    gone = {path.name for path in before.keys() - after.keys()}
    assert gone == {f"{old}.py", f"{old}.map.json"}
    kept = {path for path in before.keys() & after.keys() if "batt" not in path.name}
    assert all(before[path] == after[path] for path in kept)
    tree.assert_right()


def test_clean_removes_everything_and_the_cache_gives_it_back(tree: Tree) -> None:
    before = tree.outputs()
    tree.run("clean")
    assert not tree.outputs()
    assert tree.run("link") == "generate: 24 from the cache\nlink: done\n"
    assert tree.outputs() == before
    tree.run("clean", f"generate:own/{tree.idents[0]}")
    assert len(before) - len(tree.outputs()) == 2
    tree.assert_right()


def test_clean_removes_what_every_task_has_written_and_nothing_else(tree: Tree) -> None:
    generated = tree.root / "generated"
    named = {value for value in vars(paths).values() if isinstance(value, str)}
    files = {path for path in named if path.startswith("generated/") and Path(path).suffix}
    files |= {*paths.PLOTS.values(), f"{paths.RESULTS}/.tmp-1-cut-off", f"{paths.KAGGLE}/x.whl"}
    files |= {paths.scores_path("check", "csv"), paths.scores_path("stress", "parquet")}
    assert {paths.DIAGNOSIS, paths.SUBMISSION, paths.REPORT, paths.GPU} < files
    mine = ["notes.txt", "results/mine.json", "solvers/own/notes.txt", "more/batt.py"]
    for path in [*files, *(f"generated/{name}" for name in mine)]:
        (tree.root / path).parent.mkdir(parents=True, exist_ok=True)
        (tree.root / path).touch()
    tree.run("clean")
    assert sorted(tree.outputs()) == sorted(mine)
    shutil.rmtree(generated)
    tree.run("link")
    tree.run("clean")
    assert not generated.exists()


def test_dry_clean_removes_nothing(tree: Tree) -> None:
    before = tree.outputs()
    tree.run("clean", "-n")
    assert tree.outputs() == before


def test_switching_back_takes_from_the_cache(tree: Tree) -> None:
    before = tree.outputs()
    for ident in tree.idents:
        tree.write(ident, "vmirror")
    assert tree.run("link") == "generate: 24 generated\nlink: done\n"
    for ident in tree.idents:
        tree.write(ident)
    assert tree.run("link") == "generate: 24 from the cache\nlink: done\n"
    assert tree.outputs() == before


def test_damaged_cache_entries_are_found_out(tree: Tree) -> None:
    before = tree.outputs()
    with sqlite3.connect(tree.root / CACHE) as cache:
        cache.execute("update objects set data = substr(data, 1, size / 2) where rowid % 2")
        cache.execute("update objects set data = data || 'x' where not rowid % 2")
    tree.run("clean")
    assert tree.run("link") == "generate: 24 generated\nlink: done\n"
    assert tree.outputs() == before
    tree.run("clean")
    assert tree.run("link") == "generate: 24 from the cache\nlink: done\n"


@pytest.mark.parametrize("damage", ["empty", "truncated", "overwritten"])
def test_damaged_cache_begins_anew(tree: Tree, damage: str) -> None:
    before = tree.outputs()
    path = tree.root / CACHE
    data = path.read_bytes()
    half = len(data) // 2
    damaged = {"empty": b"", "truncated": data[:half], "overwritten": b"x" * half + data[half:]}
    path.write_bytes(damaged[damage])
    tree.run("clean")
    tree.run("link")
    assert tree.outputs() == before
    tree.run("clean")
    assert tree.run("link") == "generate: 24 from the cache\nlink: done\n"


def test_cache_that_cannot_be_written_is_a_notice(tree: Tree) -> None:
    (tree.root / "no-folder").write_text("")
    with open(tree.root / "config.yaml", "a") as config:
        config.write("cache: {dir: no-folder}\n")
    tree.write(tree.idents[0], "vmirror")
    assert "the cache no-folder/objects.db can't be used" in tree.run("link")
    tree.assert_right()


@pytest.mark.parametrize("words", [("-n", "1"), ("-n", "4"), ()])
def test_any_number_of_processes_gives_the_same_bytes(
    new_tree: Callable[[int], Tree], words: tuple[str, ...]
) -> None:
    tree = new_tree(72)
    tree.run(*words, "link")
    assert tree.outputs() == tree.fresh()


def test_many_solvers_in_one_file(tree: Tree) -> None:
    text = "".join(tree.source(ident).read_text() + "\n\n" for ident in tree.idents)
    before = (tree.root / "generated/batt.py").read_bytes()
    for ident in tree.idents:
        tree.source(ident).unlink()
    one = tree.root / "solvers/all.py"
    one.write_text(text)
    assert tree.run("link") == "generate: 24 generated\nlink: up to date\n"
    assert (tree.root / "generated/batt.py").read_bytes() == before
    last = tree.idents[-1]
    one.write_text(text.replace(f"solve_{last}(I):\n    x1 = hm", f"solve_{last}(I):\n    x1 = vm"))
    expected = f"generate:own/{last}\ngenerate: 1 generated, 23 up to date\nlink: done\n"
    assert tree.run("link") == expected


def test_two_corpora_and_both_batteries(tree: Tree) -> None:
    ident = tree.idents[0]
    more = tree.root / "more.py"
    more.write_text(tree.source(ident).read_text().replace("hmirror", "vmirror"))
    settings = "corpora:\n  own: {path: solvers}\n  more: {path: more.py}\nknown_failures: {}\n"
    battery = (tree.root / "generated/batt.py").read_bytes()
    (tree.root / "config.yaml").write_text(settings)
    assert "generate: 1 generated, 24 up to date\nlink: up to date" in tree.run("link")
    (tree.root / "config.yaml").write_text(settings + "battery: all\n")
    assert tree.run("link") == "generate: 25 up to date\nlink: done\n"
    assert (tree.root / "generated/batt.py").read_bytes() != battery
    (tree.root / "config.yaml").write_text(settings)
    tree.run("link")
    assert (tree.root / "generated/batt.py").read_bytes() == battery


def test_broken_solvers_are_listed_every_time_until_fixed(tree: Tree) -> None:
    broken = tree.idents[2], tree.idents[5]
    for ident in broken:
        tree.write(ident, "BROKEN")
    for words in (["link"], ["link"], ["generate"], ["-n", "3", "link"]):
        printed = tree.run(*words, status=1)
        assert "generate: 22 up to date, 2 broken\n" in printed
        assert all(f"solvers/{ident}.py:" in printed for ident in broken)
        assert "\n\n2 errors\n" in printed
    assert not any(tree.code(ident).exists() for ident in broken)
    battery = (tree.root / "generated/batt.py").read_text()
    assert not any(ident in battery for ident in broken)
    alone = tree.run(f"generate:own/{broken[0]}", status=1)
    assert broken[0] in alone
    assert broken[1] not in alone
    tree.run(f"generate:own/{tree.idents[0]}")
    for ident in broken:
        tree.write(ident)
    tree.assert_right()


def test_what_is_around_solvers_is_passed_over_and_what_they_share_builds_them(tree: Tree) -> None:
    one, two, three = tree.idents[:3]
    colour = "COLOUR = 3\n\n\n"
    uses = f"def solve_{one}(I):\n    x1 = hmirror(I)\n    return replace(x1, 0, COLOUR)\n\n\n"
    plain = f"def solve_{two}(I):\n    x1 = hmirror(I)\n    return replace(x1, 1, 3)\n\n\n"
    for ident in (one, two, three):
        tree.source(ident).unlink()
    path = tree.root / "solvers/some.py"
    guard = "if __name__ == '__main__':\n    print(solve)\n"
    path.write_text(colour + uses + plain + guard)
    (tree.root / "solvers/dsl.py").write_text("def first(container):\n    return container\n")
    (tree.root / f"solvers/{three}.py").write_text(
        "def solve(I):\n    x1 = hmirror(I)\n    return replace(x1, 2, 3)\n"
    )
    notes = (
        "solvers/dsl.py:1:1: note[passed-over]: passed over: no solver in this file\n"
        "solvers/some.py:14:1: note[passed-over]: passed over: an if statement (line 14)\n"
    )
    printed = tree.run("generate")
    assert notes in printed
    tree.assert_right()
    assert "note" not in tree.run("generate")
    path.write_text(colour.replace("3", "4") + uses + plain + guard)
    printed = tree.run("generate")
    assert f"generate:own/{one}\n" in printed
    assert "generate: 1 generated, 23 up to date\n" in printed


def test_solver_defined_twice_is_neither(tree: Tree) -> None:
    ident = tree.idents[0]
    twin = tree.root / "solvers/twin.py"
    twin.write_text(tree.source(ident).read_text())
    for _ in range(2):
        printed = tree.run("link", status=1)
        assert f"solvers/twin.py:1:1: error[defined-twice]: solver own/{ident}" in printed
        assert f"the other definition is solvers/{ident}.py:1" in printed
    assert not tree.code(ident).exists()
    twin.unlink()
    tree.assert_right()


def test_selecting_solvers(tree: Tree) -> None:
    first, second = tree.idents[:2]
    for ident in (first, second):
        tree.write(ident, "vmirror")
    assert "generate: 1 generated\n" in tree.run(f"generate:own/{first}")
    assert "generate: 1 up to date\n" in tree.run(f"generated/solvers/own/{first}.py")
    assert "generate: 1 generated, 2 up to date" in tree.run("generate:own/a000000[012]*")
    tree.assert_right()
    assert "generate: 24 generated" in tree.run("-a", "generate")
    assert "no solver own/nothing" in tree.run("generate:own/nothing", status=2)
    assert "error" not in tree.run("list", "--all", "--status", "generate")
    assert "up-to-date" in tree.run("info", f"generate:own/{first}")
    tree.run("forget", f"generate:own/{first}")
    assert "1 from the cache, 23 up to date" in tree.run("link")


def test_another_reporter_is_refused_before_it_loses_records(tree: Tree) -> None:
    tree.write(tree.idents[0], "vmirror")
    before = tree.outputs()
    assert "leave out -r" in tree.run("-r", "console", "link", status=2)
    assert tree.outputs() == before
    tree.assert_right()


def test_wrong_configuration_is_a_diagnostic_and_deletes_nothing(tree: Tree) -> None:
    before = tree.outputs()
    config = tree.root / "config.yaml"
    text = config.read_text()
    config.write_text(text + "batery: all\n")
    for words in (["link"], ["list", "--all"], ["-n", "2", "generate"]):
        printed = tree.run(*words, status=2)
        assert "config.yaml:4:1: error[" in printed
        assert "Traceback" not in printed
    config.write_text(text)
    (tree.root / "solvers").rename(tree.root / "elsewhere")
    assert "solvers" in tree.run("link", status=2)
    assert tree.outputs() == before
    (tree.root / "elsewhere").rename(tree.root / "solvers")
    tree.assert_right()


def test_unreadable_source_is_a_diagnostic(tree: Tree) -> None:
    source = tree.source(tree.idents[0])
    if not os.geteuid():
        source.unlink()
        source.symlink_to("/proc/self/mem")  # what even root can't read
    else:
        source.chmod(stat.S_IWUSR)
    printed = tree.run("link", status=1)
    assert f"solvers/{tree.idents[0]}.py:1:1: error[unreadable]: can't be read" in printed
    assert "generate: 23 up to date" in printed


def test_without_solvers(new_tree: Callable[[int], Tree]) -> None:
    tree = new_tree(0)
    assert tree.run("link") == "generate: no solvers\nlink: done\n"
    assert tree.run("link") == "generate: no solvers\nlink: up to date\n"


def test_naming_solvers_builds_no_others(new_tree: Callable[[int], Tree]) -> None:
    tree = new_tree(24)
    named = [f"generate:own/{ident}" for ident in tree.idents[:8]]
    assert "generate: 8 generated\n" in tree.run(*named)
    printed = tree.run("-n", "2", "generate:own/a000000[2-9a-f]*")
    assert printed.endswith("generate: 8 generated, 6 up to date\n")
    tree.assert_right()
