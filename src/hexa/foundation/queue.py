"""Jobs are rows in the same PostgreSQL and commit with the change that asks for them."""

from procrastinate.contrib.django import app


def defer(task: str, **arguments: str | int | bool | None) -> None:
    """Enqueue a task by its name, inside the caller's transaction."""
    app.configure_task(task, allow_unknown=False).defer(**arguments)
