"""Audit events: everything security-relevant leaves one."""

from hexa.foundation.actors import Actor
from hexa.foundation.models import AuditEvent


def record(
    action: str,
    subject: object = "",
    *,
    by: Actor,
    workspace: str = "",
    result: str = "done",
    **details: str | float | bool | None,
) -> None:
    """Add one event, in the caller's transaction. Never pass a secret."""
    AuditEvent.objects.create(
        action=action,
        actor=by.audit_name,
        workspace=workspace,
        subject=str(subject)[:400],
        result=result,
        details=details,
    )
