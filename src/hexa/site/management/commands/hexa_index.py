import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from hexa.files.actions import indexing
from hexa.files.index import DriveIndex
from hexa.files.models import Drive


class Command(BaseCommand):
    """What `hexa index` runs. Prints one line of JSON: a list of drives."""

    help = "Tell how far the index of files is, or have it built anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("status")
        verbs.add_parser("rebuild").add_argument("drive", nargs="?", default="")

    def handle(self, *args: object, **options: str) -> None:
        drives = Drive.objects.order_by("provider", "bucket", "prefix")
        if options["verb"] == "rebuild":
            chosen = drives.named(options["drive"]) if options["drive"] else drives
            told = [_rebuilt(drive) for drive in chosen]
            if options["drive"] and not told:
                raise CommandError(f"There is no drive {options['drive']}.")
        else:
            told = [_state(drive) for drive in drives]
        self.stdout.write(json.dumps(told))


def _rebuilt(drive: Drive) -> dict[str, str | int]:
    indexing.rebuild(drive)
    return {"drive": drive.name}


def _state(drive: Drive) -> dict[str, str | int]:
    found = DriveIndex.objects.filter(drive=drive).first()
    if found is None:
        return {"drive": drive.name, "files": 0, "state": "not begun"}
    state = "being read for the first time"
    if found.swept_at:
        state = f"whole; last read {found.swept_at:%Y-%m-%d %H:%M} UTC"
    return {"drive": drive.name, "files": found.files, "state": state}
