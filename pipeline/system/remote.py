"""A cache that machines share: a folder, or what fsspec reaches (`s3://...`), read and written by
hash.

Nothing in it is trusted: an entry has a hash of its name and content, which is looked at after each
download; with a secret (`ARC_CACHE_SECRET`) the hash is keyed by it, so that who does not know the
secret can't make entries that are taken. Nothing in it is worth an error or a long wait either: if
a remote can't be reached, or gives no answer for a while, that is said in one line and it is not
asked again in this run. Requests are made by threads that the end of the process does not wait for:
a library may hang in one.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

REQUESTS: Final = 16
"""So many at a time: each waits for the network."""
SILENCE: Final = 5.0
"""Seconds without any answer after which a remote is given up."""
WHOLE: Final = 60.0
"""Seconds after which it is given up, however steadily it answers: compiling anew takes as long."""
MOST_BYTES: Final = 1 << 24
"""No entry is larger."""
SECRET: Final = "ARC_CACHE_SECRET"


class Remote:
    """The cache at an address; `notice` prints one line. read_only: nothing is written."""

    def __init__(
        self,
        address: str,
        notice: Callable[[str], None],
        read_only: bool = False,
        silence: float = SILENCE,
    ) -> None:
        self.address = address.rstrip("/")
        self.read_only = read_only
        self.is_given_up = not address
        self._notice = notice
        self._silence = silence
        self._secret = os.environ.get(SECRET, "").encode()
        self._opened = threading.Lock()
        self._files: Any = None

    def fetch(self, names: Iterable[str]) -> dict[str, bytes]:
        """The content of each of the entries that is there and is what was put there."""
        found: dict[str, bytes] = {}
        for name, data in self._all(names, self._read, FileNotFoundError).items():
            body = self._body(name, data)
            if body is not None:
                found[name] = body
        return found

    def put(self, entries: Mapping[str, bytes]) -> int:
        """Store entries; gives how many are there."""
        if self.read_only:
            return 0
        return len(self._all(entries, lambda name: self._write(name, entries[name])))

    def _body(self, name: str, data: bytes) -> bytes | None:
        """What an entry holds; None if its hash does not say so."""
        head, _, body = data.partition(b"\n")
        return body if hmac.compare_digest(head, self._hash(name, body)) else None

    def _hash(self, name: str, body: bytes) -> bytes:
        text = name.encode() + b"\n" + body
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest().encode()

    # -- requests

    def _read(self, name: str) -> bytes:
        path = self._path(name)
        return bytes(self._files.cat_file(path, 0, MOST_BYTES))

    def _write(self, name: str, body: bytes) -> bytes:
        path = self._path(name)
        self._files.pipe_file(path, self._hash(name, body) + b"\n" + body)
        return b""

    def _path(self, name: str) -> str:
        with self._opened:
            if self._files is None:
                self._files, self._root = _open(self.address)
        return f"{self._root}/{name}"

    def _all(
        self,
        names: Iterable[str],
        request: Callable[[str], bytes],
        nothing: type[Exception] | tuple[()] = (),
    ) -> dict[str, bytes]:
        """What a request gives for each name; nothing: the error that says that it is not there."""
        waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        answers: queue.SimpleQueue[tuple[str, bytes | Exception]] = queue.SimpleQueue()
        listed = list(dict.fromkeys(names))
        for name in listed:
            waiting.put(name)
        found: dict[str, bytes] = {}
        if self.is_given_up or not listed:
            return found
        for _ in range(min(REQUESTS, len(listed))):
            threading.Thread(target=_serve, args=(waiting, answers, request), daemon=True).start()
        end = time.monotonic() + WHOLE
        for _ in listed:
            left = min(self._silence, end - time.monotonic())
            try:
                name, answer = answers.get(timeout=max(0.0, left))
            except queue.Empty:
                self._give_up(f"no answer for {self._silence:g} s", waiting)
                break
            if isinstance(answer, bytes):
                found[name] = answer
            elif not isinstance(answer, nothing):
                self._give_up(_told(answer), waiting)
                break
        return found

    def _give_up(self, why: str, waiting: queue.SimpleQueue[str]) -> None:
        self.is_given_up = True
        while not waiting.empty():
            waiting.get()
        self._notice(f"the cache {self.address} is not asked any more in this run: {why}")


def _serve(
    waiting: queue.SimpleQueue[str],
    answers: queue.SimpleQueue[tuple[str, bytes | Exception]],
    request: Callable[[str], bytes],
) -> None:
    """Make requests until none is left."""
    while True:
        try:
            name = waiting.get_nowait()
        except queue.Empty:
            return
        try:
            answers.put((name, request(name)))
        except Exception as error:
            answers.put((name, error))


def _open(address: str) -> tuple[Any, str]:
    """What reaches an address, and the path there."""
    from fsspec.core import url_to_fs

    options = {} if "://" in address else {"auto_mkdir": True}
    files, path = url_to_fs(address, **options)
    return files, str(path).rstrip("/")


def _told(error: Exception) -> str:
    """An error in a line."""
    if isinstance(error, ImportError):
        return f"{error}; pip install -e '.[remote]', and what fsspec needs for such addresses"
    return f"{type(error).__name__}: {error}".partition("\n")[0]
