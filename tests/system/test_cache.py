"""The cache: entries come back or are not there, and the bound holds."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from pipeline.system.cache import FRESH, Objects


def cache(folder: Path, limit: int = 1 << 20, lines: list[str] | None = None) -> Objects:
    notice = [].append if lines is None else lines.append
    return Objects(str(folder / "deep/objects.db"), limit, notice)


def age(kept: Objects, seconds: float) -> None:
    """Let all entries be unused for longer."""
    with sqlite3.connect(kept.path) as connection:
        connection.execute("update objects set used = used - ?", (seconds,))


def test_many_come_back_at_once(tmp_path: Path) -> None:
    kept = cache(tmp_path)
    for k in range(5):
        kept.put(f"{k}", (f"text {k}", "more"))
    with sqlite3.connect(kept.path) as connection:
        connection.execute("update objects set data = substr(data, 1, 70) where key = '3'")
    found = kept.get_all(["4", "0", "3", "9"])
    assert found == {"0": ("text 0", "more"), "4": ("text 4", "more")}
    assert kept.get_all([]) == {}


def test_what_was_just_used_is_not_noted_again(tmp_path: Path) -> None:
    kept = cache(tmp_path)
    kept.put("a", ("x",))
    with sqlite3.connect(kept.path) as connection:
        (before,) = connection.execute("select used from objects").fetchone()
        assert kept.get("a")
        kept.close()
        assert connection.execute("select used from objects").fetchone() == (before,)
    age(kept, 2 * FRESH)
    assert kept.get("a")
    kept.close()
    with sqlite3.connect(kept.path) as connection:
        assert connection.execute("select used from objects").fetchone()[0] > before


def test_entries_come_back(tmp_path: Path) -> None:
    kept = cache(tmp_path)
    assert kept.get("a" * 64) is None
    kept.put("a" * 64, ("code\n", "{}"))
    assert kept.get("a" * 64) == ("code\n", "{}")
    kept.close()
    assert cache(tmp_path).get("a" * 64) == ("code\n", "{}")


def test_entry_under_another_key_is_none(tmp_path: Path) -> None:
    kept = cache(tmp_path)
    kept.put("a", ("code", "{}"))
    with sqlite3.connect(kept.path) as connection:
        connection.execute("update objects set key = 'b'")
    assert kept.get("b") is None
    assert kept.get("b") is None


def test_altered_entry_is_dropped(tmp_path: Path) -> None:
    kept = cache(tmp_path)
    kept.put("a", ("code", "{}"))
    with sqlite3.connect(kept.path) as connection:
        connection.execute("update objects set data = substr(data, 1, 70)")
    assert kept.get("a") is None
    with sqlite3.connect(kept.path) as connection:
        assert connection.execute("select count(*) from objects").fetchone() == (0,)


def test_least_recently_used_go_first(tmp_path: Path) -> None:
    kept = cache(tmp_path, limit=10_000)
    for k in range(8):
        kept.put(f"{k}", ("x" * 1_000,))
    age(kept, 2 * FRESH)
    assert kept.get("0")
    kept.close()
    again = cache(tmp_path, limit=10_000)
    for k in range(8, 11):
        again.put(f"{k}", ("x" * 1_000,))
    again.close()
    left = {k for k in range(11) if cache(tmp_path).get(f"{k}")}
    assert 0 in left
    assert 1 not in left
    assert {8, 9, 10} <= left
    assert len(left) <= 9


def test_file_stays_within_its_bound(tmp_path: Path) -> None:
    kept = cache(tmp_path, limit=200_000)
    for k in range(1_000):
        kept.put(f"{k}", (f"{k}" * 400,))
    kept.close()
    assert Path(kept.path).stat().st_size < 400_000


def test_entry_larger_than_the_cache_is_not_stored(tmp_path: Path) -> None:
    kept = cache(tmp_path, limit=100)
    kept.put("a", ("x" * 200,))
    assert kept.get("a") is None


def test_cache_without_a_place_is_one_notice(tmp_path: Path) -> None:
    (tmp_path / "deep").write_text("")
    lines: list[str] = []
    kept = cache(tmp_path, lines=lines)
    for k in range(3):
        kept.put(f"{k}", ("x",))
        assert kept.get(f"{k}") is None
    kept.close()
    assert len(lines) == 1


def test_many_writers(tmp_path: Path) -> None:
    caches = [cache(tmp_path) for _ in range(4)]

    def work(own: Objects, number: int) -> None:
        for k in range(50):
            own.put(f"{k}", (f"text {k}",))
            assert own.get(f"{(k + number) % 50}") in (None, (f"text {(k + number) % 50}",))

    threads = [threading.Thread(target=work, args=(c, n)) for n, c in enumerate(caches)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(caches[0].get(f"{k}") == (f"text {k}",) for k in range(50))
