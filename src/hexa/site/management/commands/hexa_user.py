import json
import secrets
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from hexa.accounts import actions
from hexa.accounts.models import User
from hexa.foundation.actors import System
from hexa.foundation.answers import spoken
from hexa.foundation.errors import Refusal


class Command(BaseCommand):
    """What `hexa user create|deactivate` runs. Prints one line of JSON.

    Reads the password of a new person from standard input; where it is empty, makes one.
    """

    help = "Add a person or end a person's access."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create")
        create.add_argument("email")
        create.add_argument("--name", default="")
        create.add_argument("--admin", action="store_true")
        create.add_argument("--language", default="", choices=["en", "fr"])
        verbs.add_parser("deactivate").add_argument("email")

    def handle(self, *args: object, **options: str | bool | None) -> None:
        try:
            verb = self._create if options["verb"] == "create" else self._deactivate
            self.stdout.write(json.dumps(verb(options)))
        except Refusal as refusal:
            raise CommandError(spoken(refusal)) from refusal

    def _create(self, options: dict[str, str | bool | None]) -> dict[str, str]:
        given = sys.stdin.read().strip()
        password = given or secrets.token_urlsafe(12)
        person = actions.create_person(
            email=str(options["email"]),
            name=str(options["name"] or ""),
            password=password,
            is_admin=bool(options["admin"]),
            language=str(options["language"]),
            by=System("command line"),
        )
        shown = {} if given else {"password": password}
        return {"email": person.email, "handle": person.handle, **shown}

    def _deactivate(self, options: dict[str, str | bool | None]) -> dict[str, str]:
        everyone = User.objects.visible_to(System("command line"))
        person = everyone.find(email=str(options["email"]).lower())
        actions.deactivate(person, by=System("command line"))
        return {"email": person.email, "state": "deactivated"}
