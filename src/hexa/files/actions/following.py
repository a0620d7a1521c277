"""Following the changes of the platform's own store, for as long as the worker runs.

Where we are is kept in the database, with what was applied, in one transaction: after
any death we go on from there. The store writes its own log out every minute, and a
store that is killed loses what it had not written; then the change we noted last is
missing from its log, and all its drives are swept.
"""

import logging
import threading
import time
import uuid
from datetime import timedelta

from django.db import Error, connection, transaction
from django.db.models import Q
from django.utils import timezone

from hexa.backends.storage.changes import Batch, Changes
from hexa.files.actions import indexing
from hexa.files.index import FeedPosition
from hexa.files.models import Drive
from hexa.foundation.errors import Outage

log = logging.getLogger(__name__)

_HELD = timedelta(seconds=10)
_RENEWED_BEFORE_END = timedelta(seconds=6)
_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 5.0)
_TOLD_WITHIN_S = 10.0
_FIRST_OVERLAP_NS = 60 * 10**9


class Follower:
    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._name = uuid.uuid4().hex
        self._held_until = timezone.now()
        self._has_lost = False
        self._failures = 0
        self.stopping = threading.Event()

    def run(self) -> None:
        """Until `stopping` is set; whatever fails is tried again, later and later."""
        while not self.stopping.is_set():
            try:
                if self._take():
                    self._follow()
                    continue
            except (Outage, Error) as error:
                log.warning("changes not followed", extra={"cause": str(error)})
            finally:
                connection.close()
            self.stopping.wait(_PAUSES_S[min(self._failures, len(_PAUSES_S) - 1)])
            self._failures += 1

    def _follow(self) -> None:
        """Until another holds the feed, or it is to be heard again from earlier on."""
        noted = FeedPosition.objects.get(pk=1)
        expected = noted.at_ns
        since = expected - 1 if expected else _now_ns() - _FIRST_OVERLAP_NS
        if noted.again_from_ns:
            since = min(since, noted.again_from_ns)
            FeedPosition.objects.filter(pk=1, again_from_ns=noted.again_from_ns).update(
                again_from_ns=0
            )
        is_known = expected == 0
        begun = time.monotonic()
        for batch in self._changes.since(since):
            self._failures = 0
            has_waited = time.monotonic() - begun > _TOLD_WITHIN_S
            if not is_known and (batch.first_ns or has_waited):
                # The change noted last is told again, first or among those before it.
                is_known = True
                missing = not batch.first_ns or batch.first_ns > expected
                self._has_lost = self._has_lost or missing
            self._note(batch)
            if self.stopping.is_set() or not self._keep():
                return

    def _note(self, batch: Batch) -> None:
        if batch.last_ns:
            with transaction.atomic():
                # Locked: one that held the feed too long must not undo what came after.
                ours = FeedPosition.objects.select_for_update().filter(
                    pk=1, holder=self._name
                )
                if ours.first() is None:
                    return
                indexing.apply(batch.changes)
                FeedPosition.objects.filter(pk=1).update(at_ns=batch.last_ns)
        self._has_lost = self._has_lost or batch.has_lost
        if self._has_lost and not batch.has_lost:  # the store answers again
            log.warning("changes lost; drives are swept")
            indexing.sweep_again(Drive.objects.filter(is_own=True))
            self._has_lost = False

    def _take(self) -> bool:
        now = timezone.now()
        FeedPosition.objects.get_or_create(pk=1)
        free = Q(held_until=None) | Q(held_until__lt=now) | Q(holder=self._name)
        taken = FeedPosition.objects.filter(free, pk=1).update(
            holder=self._name, held_until=now + _HELD
        )
        self._held_until = now + _HELD
        return bool(taken)

    def _keep(self) -> bool:
        """Whether to go on reading from where we are."""
        if self._held_until - timezone.now() < _RENEWED_BEFORE_END:
            self._take()
        return FeedPosition.objects.filter(
            pk=1, holder=self._name, again_from_ns=0
        ).exists()

    def release(self) -> None:
        """So that whoever comes next need not wait."""
        FeedPosition.objects.filter(pk=1, holder=self._name).update(held_until=None)


def _now_ns() -> int:
    return int(timezone.now().timestamp() * 10**9)
