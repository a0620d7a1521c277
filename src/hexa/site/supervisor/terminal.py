"""What the operator sees while the platform starts, and once it runs."""

import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import click

from hexa.site.supervisor.component import Task
from hexa.site.supervisor.watch import State, Watch


@dataclass(frozen=True, slots=True)
class Welcome:
    """The block printed once everything is ready."""

    url: str
    data: str
    version: str
    # Of every component, as "PostgreSQL 18.1".
    versions: Sequence[str]
    took_s: float
    setup_link: str | None
    admin: str | None
    # What is missing, what one loses, and how to get it.
    missing: Sequence[tuple[str, str]]


class Terminal:
    """Progress on standard error, one line per thing that became ready or broke."""

    def __init__(self) -> None:
        self._is_starting = True

    def component_changed(self, watch: Watch) -> None:
        title = f"{watch.component.title} {watch.component.version}"
        if watch.state is State.READY and (self._is_starting or watch.restarts):
            self._say("✓", "green", title, f"{watch.ready_after_s:.1f} s")
        elif watch.state is State.RESTARTING:
            self._say(
                "!", "yellow", title, f"ended; starts again (see {watch.log_file})"
            )
        elif watch.state is State.UNRESPONSIVE:
            self._say("!", "yellow", title, "does not answer")

    def task_done(self, task: Task, took_s: float) -> None:
        self._say("✓", "green", task.title, f"{took_s:.1f} s")

    def cleaned(self, count: int) -> None:
        if count:
            self._say("✓", "green", "Cleaned up", f"{count} processes of a killed run")

    def stopping(self) -> None:
        self._is_starting = False
        self._say("·", "white", "Stopping", "")

    def stopped(self, took_s: float) -> None:
        self._say("✓", "green", "Stopped", f"{took_s:.1f} s")

    def welcome(self, welcome: Welcome) -> None:
        self._is_starting = False
        lines = [
            "",
            click.style(f"OpenHexa {welcome.version} is ready", bold=True)
            + click.style(f" after {welcome.took_s:.1f} s", dim=True),
            "",
            f"  Address      {click.style(welcome.url, fg='cyan')}",
            *self._sign_in(welcome),
            f"  Data folder  {welcome.data}",
            *_wrapped("Versions", welcome.versions),
            *(
                f"  {'Missing' if n == 0 else '':<12} {what}\n{'':15}{how}"
                for n, (what, how) in enumerate(welcome.missing)
            ),
            "",
            click.style("  Ctrl-C stops everything.", dim=True),
        ]
        click.echo("\n".join(lines))
        sys.stdout.flush()

    def _sign_in(self, welcome: Welcome) -> list[str]:
        if welcome.setup_link:
            link = click.style(welcome.setup_link, fg="cyan")
            return [
                f"  Set up       {link}\n{'':15}(valid once: makes the administrator)"
            ]
        if welcome.admin:
            return [f"  Sign in      {welcome.admin}, with the password you set"]
        return ["  Sign in      there, with your e-mail and password"]

    def _say(self, mark: str, colour: str, title: str, note: str) -> None:
        left = f"  {click.style(mark, fg=colour)} {title:<28}"
        click.echo(f"{left} {click.style(note, dim=True)}".rstrip(), err=True)


def _wrapped(label: str, words: Sequence[str]) -> list[str]:
    """The words in as few lines of a terminal as they need."""
    text = textwrap.wrap(
        " · ".join(word.replace(" ", "\N{NO-BREAK SPACE}") for word in words),
        width=72,
        initial_indent=f"  {label:<13}",
        subsequent_indent=" " * 15,
    )
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in text]
