"""A shared cache: what is there and whole is taken, what is not costs a line."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.system import remote
from pipeline.system.remote import SECRET, Remote

fsspec = pytest.importorskip("fsspec")
ENTRIES = {f"kernels/abc/k-{k}.o": bytes([k, 10]) * k for k in range(40)}


@pytest.fixture
def said() -> list[str]:
    """What is noticed."""
    return []


@pytest.fixture(params=["a folder", "an address"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder that is not there yet, or a place that is none."""
    if request.param == "a folder":
        return str(tmp_path / "not there" / "yet")
    return f"memory://{tmp_path}"


def test_what_is_put_is_fetched_elsewhere(address: str, said: list[str]) -> None:
    assert Remote(address, said.append).fetch(ENTRIES) == {}
    assert Remote(address, said.append).put(ENTRIES) == len(ENTRIES)
    assert Remote(f"{address}/", said.append).fetch([*ENTRIES, "kernels/other"]) == ENTRIES
    assert Remote(address, said.append, read_only=True).put(ENTRIES) == 0
    assert said == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: b"",
        lambda data: b"\xff\n" * 9,
    ],
)
def test_what_is_not_as_it_was_put_is_not_taken_and_is_replaced(
    spoil: Callable[[bytes], bytes], tmp_path: Path, said: list[str]
) -> None:
    shared = Remote(str(tmp_path), said.append)
    shared.put({"a": b"content"})
    place = tmp_path / "a"
    place.write_bytes(spoil(place.read_bytes()))
    assert shared.fetch(["a"]) == {}
    shared.put({"a": b"content"})
    assert shared.fetch(["a"]) == {"a": b"content"}
    assert said == []


def test_an_entry_of_another_name_is_not_taken(tmp_path: Path, said: list[str]) -> None:
    shared = Remote(str(tmp_path), said.append)
    shared.put({"a": b"content"})
    (tmp_path / "a").rename(tmp_path / "b")
    assert shared.fetch(["a", "b"]) == {}


def test_with_a_secret_only_those_who_know_it_are_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    Remote(str(tmp_path), said.append).put({"a": b"content"})
    monkeypatch.setenv(SECRET, "known to us")
    shared = Remote(str(tmp_path), said.append)
    assert shared.fetch(["a"]) == {}
    shared.put({"a": b"content"})
    assert shared.fetch(["a"]) == {"a": b"content"}
    monkeypatch.setenv(SECRET, "guessed")
    assert Remote(str(tmp_path), said.append).fetch(["a"]) == {}


class Files:
    """A file system of which each request does the same."""

    def __init__(self, request: Callable[[], bytes]) -> None:
        self.request = request
        self.asked = 0

    def cat_file(self, path: str, start: int, end: int) -> bytes:
        """A request."""
        self.asked += 1
        return self.request()


def fails() -> bytes:
    """As where nothing may be read."""
    raise PermissionError("no access\nwhatsoever")


def test_one_that_refuses_is_told_of_once_and_asked_no_more(
    monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    files = Files(fails)
    monkeypatch.setattr(remote, "_open", lambda address: (files, ""))
    shared = Remote("s3://bucket/x", said.append)
    assert shared.fetch(ENTRIES) == {}
    asked = files.asked
    assert asked <= len(ENTRIES)
    assert shared.fetch(ENTRIES) == {}
    assert shared.put(ENTRIES) == 0
    assert files.asked <= asked + remote.REQUESTS
    text = "is not asked any more in this run: PermissionError: no access"
    assert said == [f"the cache s3://bucket/x {text}"]


def test_where_nothing_can_be_written_it_is_said(tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "file").touch()
    shared = Remote(str(tmp_path / "file" / "below"), said.append)
    assert shared.put({"a": b""}) == 0
    assert len(said) == 1
    assert "is not asked any more in this run: " in said[0]


def test_one_that_never_answers_is_given_up(
    monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    release = threading.Event()
    files = Files(lambda: bytes(release.wait(60)))
    monkeypatch.setattr(remote, "_open", lambda address: (files, ""))
    shared = Remote("s3://bucket", said.append, silence=0.05)
    assert shared.fetch(ENTRIES) == {}
    assert shared.fetch(ENTRIES) == {}
    assert said == ["the cache s3://bucket is not asked any more in this run: no answer for 0.05 s"]
    assert files.asked <= remote.REQUESTS
    release.set()


def test_what_was_fetched_before_it_failed_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: list[str]
) -> None:
    Remote(str(tmp_path), said.append).put({"a": b"content"})
    monkeypatch.setattr(remote, "REQUESTS", 1)
    shared = Remote(str(tmp_path), said.append)
    read = shared._read
    monkeypatch.setattr(shared, "_read", lambda name: read(name) if name == "a" else fails())
    assert shared.fetch(["a", "b"]) == {"a": b"content"}
    assert shared.is_given_up


def test_without_the_package_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    def missing(address: str) -> Any:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(remote, "_open", missing)
    assert Remote("s3://bucket", said.append).fetch(["a"]) == {}
    assert said[0].endswith(
        "Install s3fs to access S3; pip install -e '.[remote]', and what fsspec needs for such "
        "addresses"
    )


def test_none_is_never_asked(monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    monkeypatch.setattr(remote, "_open", None)
    shared = Remote("", said.append)
    assert (shared.fetch(["a"]), shared.put({"a": b""}), said) == ({}, 0, [])
