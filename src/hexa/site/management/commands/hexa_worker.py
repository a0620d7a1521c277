import threading

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from hexa.backends.storage.changes import Changes
from hexa.files.actions.following import Follower

# Of jobs that run when the platform stops.
_PATIENCE_S = 2
# It may just wait for changes: what it does is in transactions, so it may be left at it.
_FOLLOWER_PATIENCE_S = 0.2
_AT_ONCE = 3


class Command(BaseCommand):
    """The worker: runs jobs, and follows the changes of the platform's own store."""

    help = "Run jobs and keep the index of files, until asked to stop."

    def handle(self, *args: object, **options: object) -> None:
        follower = Follower(Changes(settings.CHANGES_SOCKET))
        thread = threading.Thread(target=follower.run, name="follower", daemon=True)
        thread.start()
        try:
            call_command(
                "procrastinate",
                "worker",
                # A store that does not answer must not hold up the other jobs.
                concurrency=_AT_ONCE,
                shutdown_graceful_timeout=_PATIENCE_S,
                # Else the checks of every minute would pile up.
                delete_jobs="successful",
            )
        finally:
            follower.stopping.set()
            thread.join(_FOLLOWER_PATIENCE_S)
            follower.release()
