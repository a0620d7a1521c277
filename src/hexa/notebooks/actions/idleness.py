"""Stopping servers in which nothing runs, after a warning in Lab.

A server tells every minute since when all its kernels and terminals are idle. The stop
follows such a report and nothing else: what cannot be asked is not stopped.
"""

from datetime import datetime, timedelta

from django.conf import settings

from hexa.foundation import audit, queue
from hexa.foundation.errors import Invalid
from hexa.notebooks.actions import sessions
from hexa.notebooks.models import Session

#: Who reports every minute and was not heard for so long showed no warning either.
UNHEARD = timedelta(minutes=3)
#: A decision this old may have been overtaken by somebody's work.
OVERTAKEN = timedelta(seconds=20)


def report(session: Session, *, idle_since: datetime | None, now: datetime) -> None:
    """Note since when the server is idle, None while it works; stop it when due."""
    if idle_since is not None and idle_since.tzinfo is None:
        raise Invalid
    session.stops_at = _stops_at(session, idle_since=idle_since, now=now)
    session.idle_since, session.reported_at = idle_since, now
    session.save(update_fields=["idle_since", "stops_at", "reported_at"])
    if _is_due(session, now):
        queue.defer("notebooks.stop_idle", session_id=str(session.pk))


def stop_idle(session: Session, *, now: datetime) -> None:
    """Unless it worked or ended meanwhile; the next report asks again."""
    is_fresh = session.reported_at and now - session.reported_at < OVERTAKEN
    if session.ended_at is not None or not is_fresh or not _is_due(session, now):
        return
    sessions.hub().stop_server(session.person.handle, session.workspace.slug)
    sessions.end(Session.objects.visible_to(sessions.PLATFORM).filter(pk=session.pk))
    slug = session.workspace.slug
    audit.record("notebooks.stopped_idle", slug, by=sessions.PLATFORM, workspace=slug)


def _stops_at(
    session: Session, *, idle_since: datetime | None, now: datetime
) -> datetime | None:
    """Never sooner than the notice after the warning was first given."""
    idle = settings.SESSION_IDLE
    notice = min(timedelta(minutes=5), idle / 2)
    if idle_since is None or now < idle_since + idle - notice:
        return None
    is_heard = session.reported_at and now - session.reported_at < UNHEARD
    if session.stops_at and is_heard and session.idle_since == idle_since:
        return session.stops_at
    return max(idle_since + idle, now + notice)


def _is_due(session: Session, now: datetime) -> bool:
    return session.stops_at is not None and session.stops_at <= now
