import threading

from django.conf import settings
from django.core.management.base import BaseCommand
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

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
        # Four connections are always held by itself, each a server process of 3 MB.
        connector = PsycopgConnector(
            kwargs=connector_params(), min_size=1, max_size=_AT_ONCE + 1
        )
        try:
            with app.replace_connector(connector) as worker:
                worker.run_worker(
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
