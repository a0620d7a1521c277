"""Queue entry points. Each may run twice: what is done is not done again."""

import contextlib

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from hexa.files import actions
from hexa.files.actions import changes, chunks, indexing
from hexa.files.models import Change, Drive
from hexa.foundation import queue
from hexa.foundation.actors import System

# After everything that somebody waits for.
_LOW = -10
_MOST_AT_ONCE = 50
# The store may be starting anew: keep at it for 50 minutes.
PATIENT = RetryStrategy(max_attempts=200, wait=15)
# Others wait in the same queue: a long change takes its turn again and again.
_TURN_S = 10


@app.periodic(cron="* * * * *")
@app.task(name="files.sweep_due", queueing_lock="files.sweep_due")
def sweep_due(timestamp: int) -> None:  # noqa: ARG001 - given by the queue
    for drive_id in indexing.due(now=timezone.now(), most=_MOST_AT_ONCE):
        _enqueue(drive_id)
    indexing.clear()


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
    for drive in Drive.objects.filter(is_own=False):
        # One by one, and after all else: a store that does not answer takes its time.
        key = f"check-{drive.pk}"
        with contextlib.suppress(AlreadyEnqueued):
            check_bucket.configure(lock=key, queueing_lock=key).defer(drive_id=drive.pk)


@app.task(name="files.check_bucket", priority=_LOW)
def check_bucket(drive_id: int) -> None:
    found = Drive.objects.select_related("connected").filter(pk=drive_id).first()
    if found is not None:
        actions.check(found, by=System("files"))


@app.task(name="files.carry_on", retry=PATIENT)
def carry_on(change_id: str) -> None:
    change = Change.objects.select_related(
        "drive__workspace",
        "drive__connected",
        "target_drive__workspace",
        "target_drive__connected",
        "started_by",
    ).get(pk=change_id)
    if not chunks.carry_on(change, for_seconds=_TURN_S):
        queue.defer_once("files.carry_on", key=change_id, change_id=change_id)


@app.periodic(cron="* * * * *")
@app.task(
    name="files.go_on_with_abandoned", queueing_lock="files.go_on", pass_context=False
)
def go_on_with_abandoned(timestamp: int) -> None:  # noqa: ARG001 # procrastinate gives it
    changes.go_on_with_abandoned()


@app.periodic(cron="17 3 * * *")
@app.task(name="files.abort_abandoned_uploads", queueing_lock="files.abort_abandoned")
def abort_abandoned_uploads(timestamp: int) -> None:  # noqa: ARG001 # when it was due
    actions.abort_abandoned(now=timezone.now())


@app.periodic(cron="23 * * * *")
@app.task(name="files.forget_ended", queueing_lock="files.forget_ended")
def forget_ended(timestamp: int) -> None:  # noqa: ARG001 # when it was due
    actions.forget_ended(now=timezone.now())
