"""The commands of doit as this project has them: from any folder below, with help for each task,
with errors that say what was meant, and with output that may break off.

doit loads them through `doit_arc_battery`, before `dodo.py`; without it its own do the same work.
"""

from __future__ import annotations

import getopt
import inspect
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

from doit import (
    cmd_base,
    cmd_clean,
    cmd_forget,
    cmd_help,
    cmd_ignore,
    cmd_info,
    cmd_list,
    cmd_run,
    task_params,
)
from doit.cmdparse import CmdOption, CmdParseError, TaskParse
from doit.exceptions import InvalidCommand

from pipeline.commands.examples import EXAMPLES
from pipeline.report.help_text import no_option, no_task, task_help, usage
from pipeline.system import standard

HELP = frozenset({"-h", "--help"})
SEEK = "seek_file"


class Adapted(cmd_base.DoitCmdBase):
    """What our commands have in common."""

    def __init__(self, *args: Any, **options: Any) -> None:
        standard.outlive_readers()
        super().__init__(*args, **options)

    def get_options(self) -> list[CmdOption]:
        """doit's, with other defaults: `dodo.py` is looked for upwards, and what is printed goes
        where it goes now."""
        found: list[CmdOption] = super().get_options()
        for option in found:
            if option.name == SEEK:
                option.set_default(True)
            elif option.name == "outfile":
                option.set_default(sys.stdout)
        return found

    def parse_execute(self, in_args: list[str]) -> int:
        """Do what the words say; what is wrong with them is said in ours."""
        try:
            status = self._answer(in_args)
        except SystemExit as end:
            raise SystemExit(_outcome(end.code)) from None
        return standard.outcome(int(status or 0))

    def _answer(self, words: list[str]) -> int | None:
        if HELP.intersection(words):
            return self._help(words)
        try:
            return super().parse_execute(words)
        except CmdParseError as error:
            raise CmdParseError(self._told(words, error)) from None
        except InvalidCommand as error:
            name = error.not_found or _unknown(error)
            if name is None:
                raise
            raise InvalidCommand(no_task(name, self._names())) from None

    def _help(self, words: Sequence[str]) -> int:
        print(self.help())
        return 0

    def _told(self, words: list[str], error: CmdParseError) -> str:
        """What to say of words that doit can't parse."""
        cause = error.__context__
        if isinstance(cause, getopt.GetoptError):
            given = f"--{cause.opt}" if len(cause.opt) > 1 else f"-{cause.opt}"
            text = f"doit {self.name}: {cause.msg}"
            owners = sorted(name for name, task in self._tasks().items() if _has(task, given))
            if owners and self.name == "run":
                text = f"{given} is an option of {', '.join(owners)}: it stands behind the task"
            return f"{text}\n`doit help {self.name}` names the options of doit itself."
        return str(error)

    # -- the tasks, without making those of every solver

    def _creators(self) -> dict[str, Callable[..., Any]]:
        """The functions of `dodo.py` that make tasks, by the tasks' names."""
        if self.loader.namespace is None:
            defaults = {option.name: option.default for option in self.get_options()}
            self.loader.setup({**defaults, SEEK: True, **self.opt_vals})
        named = self.loader.namespace.items()
        return {n[5:]: c for n, c in named if n.startswith("task_") and c is not task_params}

    def _tasks(self) -> dict[str, dict[str, Any]]:
        """What is said of each task that is not made for every solver."""
        return {name: task_without_subtasks(made) for name, made in self._creators().items()}

    def _names(self) -> list[str]:
        return [*self._creators(), *self.loader.cmd_names]

    def _print_help_of(self, name: str) -> None:
        creator = self._creators()[name]
        task = task_without_subtasks(creator)
        does = (inspect.getdoc(creator) or "").partition("\n")[0]
        options, words = task.get("params", []), task.get("pos_arg", "")
        print(task_help(name, does, options, words, EXAMPLES.get(name, "")))


def task_without_subtasks(creator: Callable[..., Any]) -> dict[str, Any]:
    """The task that a function of `dodo.py` makes; of one that makes many only their options."""
    if inspect.isgeneratorfunction(creator):
        return {"params": getattr(creator, "_task_creator_params", [])}
    made: dict[str, Any] = creator()
    return made


def _unknown(error: InvalidCommand) -> str | None:
    """The name in what doit says of a task that it does not have, where that is all it says."""
    found = re.fullmatch(r"'(.*)' is not a task\.", str(error), re.DOTALL)
    return found[1] if found else None


def _has(task: dict[str, Any], option: str) -> bool:
    return any(f"--{found['long']}" == option for found in task.get("params", []))


def _options(task: Any) -> list[dict[str, Any]]:
    return [*task.params, *task.creator_params]


def _outcome(code: object) -> int:
    return standard.outcome(code if isinstance(code, int) else int(code is not None))


class RunTasks(Adapted, cmd_run.Run):
    """`doit TASK`."""

    name = "run"

    def _help(self, words: Sequence[str]) -> int:
        """The help of the last task before the word that asks for it, or of all."""
        before = words[: min(words.index(word) for word in HELP.intersection(words))]
        named = [word for word in before if not word.startswith("-")]
        creators = self._creators()
        tasks = [base for word in named if (base := word.partition(":")[0]) in creators]
        if tasks:
            self._print_help_of(tasks[-1])
        elif named:
            raise InvalidCommand(no_task(named[-1], self._names()))
        else:
            print(usage(creators))
        return 0

    def _told(self, words: list[str], error: CmdParseError) -> str:
        """Of a task's words: which task, which option, and those that it has."""
        tasks = {task.name: task for task in getattr(self, "task_list", ())}
        left = list(self.sel_tasks or ()) if tasks else []
        while left:
            name = left.pop(0)
            task = tasks.get(name)
            if task is None:
                continue
            try:
                _, left = TaskParse([CmdOption(option) for option in _options(task)]).parse(left)
            except CmdParseError as found:
                return no_option(name, _options(task), found)
        return super()._told(words, error)


class Help(Adapted, cmd_help.Help):
    """`doit help`, `doit help TASK` and `doit help COMMAND`."""

    def print_usage(self, cmds: object) -> None:
        """All tasks."""
        standard.outlive_readers()
        print(usage(self._creators()))
        if status := standard.outcome(0):
            raise SystemExit(status)

    def execute(self, params: Any, args: list[str]) -> int:
        """Print the help of a task or a command, else that of all."""
        name = args[0].partition(":")[0] if len(args) == 1 else ""
        if name in self._creators():
            self._print_help_of(name)
        elif not args or name == "task" or name in self.cmds:
            return cmd_help.Help.execute(self, params, args)
        else:
            raise InvalidCommand(no_task(" ".join(args), self._names()))
        return 0

    def _help(self, words: Sequence[str]) -> int:
        self.print_usage(None)
        return 0


class List(Adapted, cmd_list.List):
    """`doit list`; with `--status`, also whether each would run, and why."""

    def _print_task(
        self, template: str, task: Any, status: bool, list_deps: bool, tasks: Any
    ) -> None:
        if not status:
            super()._print_task(template, task, status, list_deps, tasks)
            return
        from pipeline.commands.options import PLAIN_STRESS
        from pipeline.commands.why import status_of

        session = self.loader.namespace["RUN"][0]
        letter, why = status_of(session, task.name, PLAIN_STRESS)
        if self.dep_manager.status_is_ignore(task):
            letter, why = "I", "it is to be ignored"
        self.outstream.write(template.format(name=task.name, doc=task.doc, status=letter))
        self.outstream.write(f"    {why}\n" if why else "")


class Info(Adapted, cmd_info.Info):
    """`doit info TASK`."""

    def _execute(self, pos_args: list[str], hide_status: bool = False) -> int | None:
        """doit looks the task up and has no word for one that it does not have."""
        known = {task.name for task in self.task_list}
        for name in pos_args[:1]:
            if name not in known:
                raise InvalidCommand(no_task(name, self._names()))
        return cmd_info.Info._execute(self, pos_args, hide_status)


class Clean(Adapted, cmd_clean.Clean):
    """`doit clean`."""


class Forget(Adapted, cmd_forget.Forget):
    """`doit forget`."""


class Ignore(Adapted, cmd_ignore.Ignore):
    """`doit ignore`."""


COMMANDS: dict[str, type] = {
    "Run": RunTasks,
    **{command.__name__: command for command in (Help, List, Info, Clean, Forget, Ignore)},
}
"""By the names that doit's own have."""

# `doit --help` makes doit's own Help, and asks for no plugin.
cmd_help.Help.print_usage = Help.print_usage
cmd_help.Help._creators = Adapted._creators
