"""Every fault that plain doit does not survive: the next run completes, and its result is right."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.tree import Tree, alive, children, eventually, kill

MANY = 72
"""Enough solvers for the build to start workers."""


def test_killed_while_building_and_source_put_back_keeps_no_wrong_output(tree: Tree) -> None:
    first, second = tree.idents[3], tree.idents[5]
    before = tree.source(first).read_bytes(), tree.code(first).read_bytes()
    tree.write(first, "vmirror")
    tree.write(second, "vmirror")
    with tree.held(second, "link") as (doit, _):
        assert tree.code(first).read_bytes() != before[1]
        kill(doit)
    tree.write(first)
    tree.write(second)
    tree.assert_right()
    assert tree.code(first).read_bytes() == before[1]


def test_killed_build_loses_only_what_was_in_flight(new_tree: Callable[[int], Tree]) -> None:
    tree = new_tree(24)
    with tree.held(tree.idents[11], "generate") as (doit, _):
        kill(doit)
    assert "generate: 13 generated, 11 up to date" in tree.run("generate")
    tree.assert_right()


def test_killed_while_an_output_is_missing_or_forced_leaves_no_partial_one(tree: Tree) -> None:
    ident = tree.idents[2]
    tree.code(ident).unlink()
    (tree.code(ident).parent / ".tmp-1-cut-off").write_text("def sol")
    (tree.root / "generated/.tmp-1-cut-off").write_text("def sol")
    with tree.held(ident, "-a", "generate") as (doit, _):
        kill(doit)
    tree.assert_right()


def test_truncated_output_is_made_again(tree: Tree) -> None:
    code = tree.code(tree.idents[2])
    code.write_bytes(code.read_bytes()[:10])
    tree.assert_right()


def test_source_edited_while_its_task_runs_is_built_next_time(tree: Tree) -> None:
    ident = tree.idents[7]
    tree.write(ident, "vmirror")
    with tree.held(ident, "link") as (doit, _):
        tree.write(ident, "rot180")
        tree.let_go()
        doit.communicate()
    assert "generate: 1 generated, 23 up to date" in tree.run("link")
    tree.assert_right()


def test_content_changed_with_size_and_mtime_preserved_is_seen(tree: Tree) -> None:
    source = tree.source(tree.idents[0])
    status = source.stat()
    source.write_text(source.read_text().replace("hmirror", "vmirror"))
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert source.stat().st_size == status.st_size
    assert "generate: 1 generated, 23 up to date" in tree.run("link")
    tree.assert_right()


def test_touching_everything_runs_nothing_and_is_looked_into_only_once(tree: Tree) -> None:
    tree.assert_nothing_to_do()
    for path in tree.root.rglob("*"):
        if path.is_file() and ".doit.db" not in path.name:
            os.utime(path, (0, 0))
    tree.assert_nothing_to_do()
    from pipeline.system.stamp import stamp_of

    with sqlite3.connect(tree.root / ".doit.db") as database:
        known = dict(database.execute("select path, stamp from files"))
    assert known == {path: stamp_of(str(tree.root / path)) for path in known}
    tree.assert_nothing_to_do()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_build_and_keeps_what_was_built(
    new_tree: Callable[[int], Tree], number: int
) -> None:
    tree = new_tree(24)
    with tree.held(tree.idents[11], "generate") as (doit, _):
        doit.send_signal(number)
        printed, _ = doit.communicate()
    assert doit.returncode == 128 + number
    assert printed.endswith("interrupted: what was built is kept\n")
    assert "Traceback" not in printed
    assert "generate: 13 generated, 11 up to date" in tree.run("generate")


def test_signal_ends_the_workers_too(new_tree: Callable[[int], Tree]) -> None:
    tree = new_tree(MANY)
    last = tree.idents[-1]  # begun when some thread is through with its first solvers
    with tree.held(last, "-n", "4", "generate") as (doit, worker):
        workers = children(doit.pid)
        assert worker in workers
        doit.send_signal(signal.SIGTERM)
        doit.communicate()
        eventually(lambda: not any(map(alive, workers)), "a worker lives on")
    assert doit.returncode == 128 + signal.SIGTERM
    printed = tree.run("-n", "4", "generate")
    assert int(printed.split("generate: ")[1].split()[0]) < MANY
    tree.assert_right()


def test_kill_ends_the_workers_too(new_tree: Callable[[int], Tree]) -> None:
    tree = new_tree(MANY)
    with tree.held(tree.idents[40], "-n", "4", "generate") as (doit, worker):
        workers = children(doit.pid)
        assert worker in workers
        kill(doit)
        eventually(lambda: not any(map(alive, workers)), "a worker lives on")
    tree.assert_right()


def test_killed_while_the_database_is_written(new_tree: Callable[[int], Tree]) -> None:
    tree = new_tree(24)
    with tree.held(tree.idents[11], "generate") as (doit, _):
        kill(doit)
    log = tree.root / ".doit.db-wal"
    os.truncate(log, log.stat().st_size * 2 // 3 + 17)
    tree.assert_right()


@pytest.mark.parametrize("content", [b"", b"{}", b"SQLite format 3\0" + b"garbage" * 999])
def test_useless_database_is_set_aside(tree: Tree, content: bytes) -> None:
    before = tree.outputs()
    (tree.root / ".doit.db").write_bytes(content)
    printed = tree.run("link")
    assert printed.count("set aside as .doit.db.corrupt, the records begin anew") == 1
    assert (tree.root / ".doit.db.corrupt").read_bytes() == content
    assert tree.outputs() == before
    tree.assert_right()


def test_database_damaged_inside_is_set_aside(tree: Tree) -> None:
    path = tree.root / ".doit.db"
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)
    assert "set aside" in tree.run("link")
    tree.assert_right()


def test_second_build_waits_for_the_first(tree: Tree) -> None:
    ident = tree.idents[9]
    tree.write(ident, "vmirror")
    with tree.held(ident, "link") as (first, _):
        second = tree.start("link")
        assert second.stdout is not None
        line = second.stdout.readline()
        assert line == f"waiting for the build of process {first.pid} to end\n"
        tree.let_go()
        assert "1 generated, 23 up to date" in first.communicate()[0]
        assert second.communicate()[0] == "generate: 24 up to date\nlink: up to date\n"
    assert (first.returncode, second.returncode) == (0, 0)
    tree.assert_right()


def test_waiting_build_goes_on_when_the_first_is_killed(tree: Tree) -> None:
    ident = tree.idents[9]
    tree.write(ident, "vmirror")
    with tree.held(ident, "link") as (first, _):
        second = tree.start("link")
        assert second.stdout is not None
        assert "waiting" in second.stdout.readline()
        tree.open_gate()
        kill(first)
        assert "1 generated, 23 up to date" in second.communicate()[0]
    tree.assert_right()


def test_dying_worker_is_replaced(new_tree: Callable[[int], Tree]) -> None:
    tree = new_tree(MANY)
    with tree.held(tree.idents[40], "-n", "4", "link") as (doit, worker):
        tree.open_gate()
        os.kill(worker, signal.SIGKILL)
        printed, _ = doit.communicate()
    assert doit.returncode == 0, printed
    assert f"generate: {MANY} generated" in printed
    tree.assert_right()


def test_solver_that_kills_its_workers_is_named_and_the_others_are_built(
    new_tree: Callable[[int], Tree],
) -> None:
    tree = new_tree(MANY)
    deadly = f"own/{tree.idents[40]}"
    (tree.gate / "deadly").write_text(deadly)
    printed = tree.run("-n", "4", "link", status=1)
    assert f"generate: {MANY - 1} generated, 1 broken" in printed
    assert (
        f"error[internal-error]: {deadly}: the compiling process was ended by signal 9" in printed
    )
    (tree.gate / "deadly").unlink()
    assert f"generate: 1 generated, {MANY - 1} up to date" in tree.run("link")
    tree.assert_right()


def test_output_edited_by_hand_is_restored_and_not_linked(tree: Tree) -> None:
    code, battery = tree.code(tree.idents[4]), tree.root / "generated/batt.py"
    before = code.read_bytes(), battery.read_bytes()
    for path in (code, battery, code.with_suffix(".map.json")):
        status = path.stat()
        path.write_bytes(path.read_bytes()[:-2] + b"#\n")  # in place, of the same size
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    tree.run("link")
    assert (code.read_bytes(), battery.read_bytes()) == before
    tree.assert_right()


def test_removed_source_takes_its_outputs_along(tree: Tree) -> None:
    ident = tree.idents[6]
    tree.source(ident).unlink()
    tree.run("link")
    assert not tree.code(ident).exists()
    assert not tree.code(ident).with_suffix(".map.json").exists()
    assert ident not in (tree.root / "generated/batt.py").read_text()
    tree.assert_right()


def test_changed_compiler_makes_everything_anew(tree: Tree) -> None:
    with open(tree.root / "pipeline/codegen/compile.py", "a") as compiler:
        compiler.write(
            "\n\n_gated = compile_unit\n\n\ndef compile_unit(*given, **more):\n"
            "    import dataclasses\n\n    made = _gated(*given, **more)\n"
            "    return dataclasses.replace(made, code=made.code + '# new\\n')\n"
        )
    assert "generate: 24 generated" in tree.run("link")
    assert all(tree.code(ident).read_text().endswith("# new\n") for ident in tree.idents)
    tree.assert_right()


def test_compiler_changed_with_size_and_mtime_preserved(tree: Tree) -> None:
    compiler = tree.root / "pipeline/codegen/compile.py"
    with open(compiler, "a") as file:
        file.write(
            "\n\n_gated = compile_unit\nMARK = 1\n\n\ndef compile_unit(*given, **more):\n"
            "    import dataclasses\n\n    made = _gated(*given, **more)\n"
            "    return dataclasses.replace(made, code=made.code + f'# {MARK}\\n')\n"
        )
    tree.run("link")
    status = compiler.stat()
    compiler.write_text(compiler.read_text().replace("MARK = 1", "MARK = 2"))
    os.utime(compiler, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "generate: 24 generated" in tree.run("link")
    assert all(tree.code(ident).read_text().endswith("# 2\n") for ident in tree.idents)


def test_compiler_edited_while_it_is_loaded_records_nothing_wrong(tree: Tree) -> None:
    compiler = tree.root / "pipeline/codegen/compile.py"
    text = compiler.read_text()
    tree.write(tree.idents[0], "vmirror")
    with tree.held(tree.idents[0], "link") as (doit, _):
        compiler.write_text(text + "\n# later\n")  # after it was loaded: this build is of before
        tree.let_go()
        doit.communicate()
    assert doit.returncode == 1  # the linker is not of the same version as what it links
    assert "generate: 24 generated" in tree.run("link")
    tree.assert_right()


@pytest.fixture
def small_disk(tmp_path: Path) -> object:
    """A file system of 6 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a file system needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_full_disk(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    tree = Tree(small_disk / "tree")
    failures = 0
    with open(small_disk / "filler", "wb", buffering=0) as filler:
        while True:
            try:
                filler.write(b"x" * 4096)
            except OSError:
                break
        for room in (0, 16, 48, 80, 112):  # 4 KiB blocks: it fails in another place each time
            os.truncate(filler.fileno(), max(0, filler.seek(0, 2) - room * 4096))
            filler.seek(0, 2)
            printed = tree.run("link", status=None)
            assert "Traceback" not in printed
            failures += "No space left" in printed or "disk is full" in printed
            while True:
                try:
                    filler.write(b"x" * 4096)
                except OSError:
                    break
    assert failures > 2
    (small_disk / "filler").unlink()
    printed = tree.run("link")
    small = Tree(small_disk.parent / "other")
    small.run("link")
    assert tree.outputs() == small.outputs()
    tree.assert_nothing_to_do()
