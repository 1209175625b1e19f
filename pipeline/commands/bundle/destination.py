"""For which Python, machine and CUDA a bundle is made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pipeline.system.problem import Problem

LEGACY: Final = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
"""Older names of platforms, by the minor version of their glibc 2."""
_PYTHON: Final = re.compile(r"3\.\d{1,2}")
_PLATFORM: Final = re.compile(r"manylinux_2_(\d{1,2})_(\w+)")


class CannotBundle(Problem):
    """There can be no bundle; the text says why. status: 2 where the question was wrong."""

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Destination:
    """A Python like `3.11`, a platform like `manylinux_2_28_x86_64`, a CUDA version or `none`."""

    python: str
    platform: str
    cuda: str

    @property
    def has_cuda(self) -> bool:
        """Whether the packages of CUDA belong to it."""
        return self.cuda != "none"

    @property
    def platforms(self) -> list[str]:
        """The platforms whose wheels run there, the newest first, with their older names."""
        match = _PLATFORM.fullmatch(self.platform)
        assert match is not None, "a checked target"
        found = []
        for minor in range(int(match[1]), 4, -1):
            found.append(f"manylinux_2_{minor}_{match[2]}")
            if minor in LEGACY:
                found.append(f"{LEGACY[minor]}_{match[2]}")
        return found

    @property
    def machine(self) -> str:
        """The processor, as Python calls it."""
        match = _PLATFORM.fullmatch(self.platform)
        assert match is not None, "a checked target"
        return match[2]

    @property
    def options(self) -> list[str]:
        """What tells pip to take wheels for it, and no sources."""
        options = ["--only-binary", ":all:", "--implementation", "cp"]
        options += ["--python-version", self.python]
        return options + [word for name in self.platforms for word in ("--platform", name)]

    @property
    def environment(self) -> dict[str, str]:
        """What the markers of requirements are about, as it is there."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
        }


def require_target(target: Destination) -> None:
    """CannotBundle if the Python or the platform is not written as it must be."""
    if not _PYTHON.fullmatch(target.python):
        raise CannotBundle(f"--python takes a version like 3.11, not {target.python!r}", 2)
    if not _PLATFORM.fullmatch(target.platform):
        text = "--platform takes a platform like manylinux_2_28_x86_64"
        raise CannotBundle(f"{text}, not {target.platform!r}", 2)


def read_capabilities(text: str) -> list[str]:
    """The compute capabilities in a list like `7.5,8.9`, each once, in order; or CannotBundle."""
    words = list(dict.fromkeys(filter(None, (word.strip() for word in text.split(",")))))
    for word in words:
        if not re.fullmatch(r"\d{1,2}\.\d", word):
            raise CannotBundle(f"--capability takes a list like 7.5,8.9, not {text!r}", 2)
    return sorted(words, key=lambda word: tuple(map(int, word.split("."))))
