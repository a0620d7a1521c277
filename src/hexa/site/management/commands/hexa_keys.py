import json

from django.core.management.base import BaseCommand, CommandError

from hexa.foundation import audit, vault
from hexa.foundation.actors import System
from hexa.foundation.answers import spoken
from hexa.foundation.keyring import KeyMissing


class Command(BaseCommand):
    """What `hexa keys rotate` runs. Prints one line of JSON: how many of what."""

    help = "Seal every secret in the database by the current key of the ring."

    def handle(self, *args: object, **options: object) -> None:
        try:
            done = vault.reseal()
        except KeyMissing as outage:
            raise CommandError(spoken(outage)) from outage
        audit.record("keys.rotated", by=System("command line"), secrets=done.total())
        self.stdout.write(json.dumps(dict(done)))
