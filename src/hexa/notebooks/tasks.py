"""Queue entry points. Each may run twice: every action here is idempotent."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from hexa.accounts.models import User
from hexa.notebooks.actions import demo, idleness, sessions
from hexa.notebooks.models import Session
from hexa.workspaces.models import Workspace

# The hub or the store may be starting anew: keep at it for 50 minutes.
PATIENT = RetryStrategy(max_attempts=200, wait=15)


@app.task(name="notebooks.role_changed", retry=PATIENT)
def role_changed(workspace_id: str, person_id: str) -> None:
    workspace = Workspace.objects.get(pk=workspace_id)
    sessions.follow_role(workspace, User.objects.get(pk=person_id))


@app.task(name="notebooks.person_deactivated", retry=PATIENT)
def person_deactivated(person_id: str) -> None:
    sessions.end_everything(User.objects.get(pk=person_id))


@app.task(name="notebooks.stop")
def stop(session_id: str) -> None:
    session = Session.objects.get(pk=session_id)
    if session.ended_at is None:  # else it would stop the one that came after it
        sessions.stop_session(session.workspace, by=session.person)


@app.task(name="notebooks.restart")
def restart(session_id: str) -> None:
    session = Session.objects.get(pk=session_id)
    if session.ended_at is None:
        sessions.restart_session(session.workspace, by=session.person)


@app.task(name="notebooks.stop_idle")
def stop_idle(session_id: str) -> None:
    """Without a retry: a server that is still idle reports again in a minute."""
    idleness.stop_idle(Session.objects.get(pk=session_id), now=timezone.now())


@app.task(name="notebooks.seed_demo", retry=PATIENT)
def seed_demo(person_id: str) -> None:
    demo.seed(admin=User.objects.get(pk=person_id))
