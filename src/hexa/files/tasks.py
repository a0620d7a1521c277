"""Queue entry points. Each may run twice: every action here is idempotent."""

import contextlib

from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from hexa.files import actions
from hexa.files.actions import indexing
from hexa.files.models import Drive

# After everything that somebody waits for.
_LOW = -10
_MOST_AT_ONCE = 50


@app.periodic(cron="* * * * *")
@app.task(name="files.sweep_due", queueing_lock="files.sweep_due")
def sweep_due(timestamp: int) -> None:  # noqa: ARG001 - given by the queue
    for drive_id in indexing.due(now=timezone.now(), most=_MOST_AT_ONCE):
        _enqueue(drive_id)


@app.task(name="files.sweep", priority=_LOW)
def sweep(drive_id: int) -> None:
    """A step of a drive's sweep; the next one queues behind what came meanwhile."""
    drive = Drive.objects.select_related("connected").filter(pk=drive_id).first()
    if drive is not None and indexing.sweep(drive):
        _enqueue(drive_id)


def _enqueue(drive_id: int) -> None:
    with contextlib.suppress(AlreadyEnqueued):
        sweep.configure(
            lock=f"sweep-{drive_id}", queueing_lock=f"sweep-{drive_id}"
        ).defer(drive_id=drive_id)


@app.periodic(cron="*/5 * * * *")
@app.task(name="files.check_buckets", queueing_lock="files.check_buckets")
def check_buckets(timestamp: int) -> None:  # noqa: ARG001 # when it was due
    """How connected buckets are, so that pages need not ask."""
    actions.check_all()
