from django.db import models


class AuditEvent(models.Model):
    """Who did what, where, when, with which result. Rows are only ever added."""

    happened_at = models.DateTimeField(auto_now_add=True, db_index=True)
    action = models.CharField(max_length=80)
    actor = models.CharField(max_length=200)
    workspace = models.CharField(max_length=80, blank=True)
    subject = models.CharField(max_length=400, blank=True)
    result = models.CharField(max_length=20, default="done")
    details = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["workspace", "-happened_at"]),)

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.subject}"
