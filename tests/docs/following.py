"""Follow a page: run its commands, save its files, compare what it shows with what is printed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

from tests.docs import stand_ins
from tests.docs.copies import DEADLINE, Copy
from tests.docs.pages import Excerpt, Heading, Run, Save, Session, Shown, Step, steps
from tests.docs.stand_ins import STAND_INS
from tests.watched import Watch

WATCH = "doit watch"
MEASURES = re.compile(
    r"\d[\d,.]*(?= (s|ms|MiB|lanes/s)\b)|\d+(?= (compiled in|passed|deselected)\b)|[\d.]+(?=s$)"
)
"""What differs from run to run: times, sizes, rates, how many tests there are."""
PROGRESS = re.compile(r"^.*: [\d,]+ of [\d,]+.*, [\d,.]+/s(, \d+ s left)?\n", re.MULTILINE)
"""What work that takes more than ten seconds prints meanwhile."""
GPU = re.compile(r", (no GPU: |for ).*(?=\)$)", re.MULTILINE)


class Differs(AssertionError):
    """What happens is not what the page says."""


class Reader:
    """Someone who does what a page says.

    page: its path, for messages. small_from: the heading from which a small battery will do.
    """

    def __init__(self, copy: Copy, page: str, small_from: str = "") -> None:
        self.copy = copy
        self.page = page
        self.small_from = small_from
        self.said: str | None = None
        self.loose = False
        self.known: dict[str, str] = {}
        self.watch: Watch | None = None
        self.sessions: list[Session] = []

    def follow(self, text: str) -> None:
        """Do every step of a page; raises Differs at the first that goes otherwise."""
        if not self.small_from:
            self.copy.make_small()
        try:
            for step in steps(text):
                self._do(step)
            self._type_sessions()
        finally:
            self._end_watch()

    def _do(self, step: Step) -> None:
        match step:
            case Heading():
                if step.text == self.small_from:
                    self.copy.make_small()
                self.said = None
            case Save():
                self._save(step)
            case Excerpt():
                self._look(step)
            case Shown():
                self._compare(step)
            case Run():
                self._run(step)
            case Session():
                self.sessions.append(step)

    def _fail(self, line: int, text: str) -> Differs:
        return Differs(f"{self.page}:{line}: {text}")

    def _save(self, step: Save) -> None:
        path = self.copy.root / step.path
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text("utf-8") if step.adds else ""
        path.write_text(before + step.text, "utf-8")
        self.known.clear()
        if self.watch is not None:
            self.said = self.watch.until("watch: ")

    def _look(self, step: Excerpt) -> None:
        path = self.copy.root / step.path
        if not path.exists():
            raise self._fail(step.line, f"there is no {step.path}")
        there = path.read_text("utf-8")
        if not has_lines(there.splitlines(), ["...", *step.text.splitlines(), "..."]):
            raise self._fail(step.line, f"{step.path} does not have these lines:\n{there}")

    def _compare(self, step: Shown) -> None:
        if self.said is None:
            raise self._fail(step.line, "what is shown here no command has printed")
        shown, said = comparable(step.text, self.loose), comparable(self.said, self.loose)
        if not has_lines(said, shown):
            raise self._fail(
                step.line, f"the page shows\n{step.text}\nand this is printed\n{self.said}"
            )
        self.said = None

    def _type_sessions(self) -> None:
        """Hold what is typed into Python to what it answers, all of the page as one session.

        Lines stand in a file at their places in the page, so that what differs is said with those.
        """
        if not self.sessions:
            return
        lines: list[str] = []
        for step in self.sessions:
            lines += [""] * (step.line - 1 - len(lines)) + step.text.splitlines()
        path = self.copy.root / f"{Path(self.page).stem}.session"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        command = f"python -m doctest -o ELLIPSIS -o REPORT_ONLY_FIRST_FAILURE {path.name}"
        self._printed(self.sessions[0].line, command, 0)

    def _run(self, step: Run) -> None:
        self._end_watch()
        before = "" if step.first or self.said is None else self.said
        command = stand_ins.filled(step.command) if self.page == "README.md" else step.command
        stand_in = STAND_INS.get(step.command)
        self.loose = stand_in is not None
        status = step.status if stand_in is None else stand_in.status
        if stand_in is not None:
            command = stand_in.run
        elif stand_ins.is_long(command):
            raise self._fail(step.line, f"`{command}` takes long: it needs a stand-in")
        if command == WATCH:
            self.watch = Watch(self.copy.start(f"exec {WATCH}"))
            self.said = self.watch.until("watch: ")
        elif step.inline and command in self.known:
            self.said = self.known[command]
        else:
            self.said = self.known[command] = self._printed(step.line, command, status)
        self.said = before + self.said

    def _printed(self, line: int, command: str, status: int) -> str:
        process = self.copy.start(command)
        try:
            printed, _ = process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise self._fail(line, f"`{command}` does not end: it needs a stand-in") from None
        if process.returncode != status:
            ended = f"`{command}` ends with status {process.returncode}, not {status}"
            raise self._fail(line, f"{ended}:\n{printed}")
        return printed

    def _end_watch(self) -> None:
        if self.watch is None:
            return
        watch, self.watch = self.watch, None
        status = watch.interrupt()
        if status:
            raise Differs(f"{self.page}: `{WATCH}` ends with status {status}")


def comparable(text: str, loose: bool) -> list[str]:
    """The lines without what differs from run to run; if loose, without any numbers."""
    lines = []
    for line in GPU.sub("", PROGRESS.sub("", text)).rstrip().splitlines():
        without = MEASURES.sub("N", line)
        if loose:
            without = re.sub(r"\d[\d,.]*", "N", line)
        if without != line:
            without = re.sub(r"(?<=\S) {2,}", " ", without)
        lines.append(without.rstrip())
    return lines


def has_lines(there: list[str], wanted: list[str]) -> bool:
    """Whether these are the lines, with `...` for any."""
    parts: list[list[str]] = [[]]
    for line in wanted:
        if line == "...":
            parts.append([])
        else:
            parts[-1].append(line)
    if len(parts) == 1:
        return there == wanted
    first, last = parts[0], parts[-1]
    if there[: len(first)] != first:
        return False
    at = len(first)
    for part in parts[1:-1]:
        found = [k for k in range(at, len(there)) if there[k : k + len(part)] == part]
        if part and not found:
            return False
        at = found[0] + len(part) if part else at
    return len(there) - at >= len(last) and there[len(there) - len(last) :] == last


def follow(root: Path, page: str, text: str, small_from: str = "") -> None:
    """Follow a page in a fresh copy, if there is anything to do."""
    if all(isinstance(step, Heading) for step in steps(text)):
        return
    Reader(Copy(root), page, small_from).follow(text)
