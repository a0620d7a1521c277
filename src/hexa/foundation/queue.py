"""Jobs are rows in the same PostgreSQL and commit with the change that asks for them."""

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def defer(task: str, **arguments: str | int | bool | None) -> None:
    """Enqueue a task by its name, inside the caller's transaction."""
    app.configure_task(task, allow_unknown=False).defer(**arguments)


def defer_once(task: str, *, key: str, **arguments: str | int | bool | None) -> None:
    """As `defer`, unless a job of this task and key is waiting already."""
    # The refusal of a second one would end the caller's transaction with it.
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(
            task, allow_unknown=False, queueing_lock=f"{task}:{key}"
        ).defer(**arguments)
