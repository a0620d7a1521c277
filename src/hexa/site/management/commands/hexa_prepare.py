import json
from argparse import ArgumentParser

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from oauth2_provider.models import get_application_model

from hexa.accounts import actions as accounts
from hexa.accounts.models import User
from hexa.foundation.errors import Refusal


class Command(BaseCommand):
    """What must hold before the web may answer. Safe to repeat.

    Prints one line of JSON: {"setup_link": url or null, "admin": e-mail or null}.
    """

    help = "Bring the platform's own database up to date and seed what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--up-to-date",
            action="store_true",
            help="Skip migrations and static files: this release ran here before.",
        )

    def handle(self, *args: object, **options: object) -> None:
        if not options["up_to_date"]:
            # First, what changed its tables a hundred times: Django would draw all models
            # that point to a person anew with each change, ours among them.
            call_command("migrate", "oauth2_provider", interactive=False, verbosity=0)
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
        _ensure_hub_application()
        admin = _ensure_admin()
        token = accounts.issue_setup_link()
        link = f"{settings.PUBLIC_URL}/set-up/{token}/" if token else None
        email = admin.email if admin else None
        self.stdout.write(json.dumps({"setup_link": link, "admin": email}))


def _ensure_hub_application() -> None:
    """The hub is the one client of our OpenID provider."""
    get_application_model().objects.update_or_create(
        client_id="jupyterhub",
        defaults={
            "name": "Notebooks",
            "client_type": "confidential",
            "authorization_grant_type": "authorization-code",
            "client_secret": settings.HUB_OIDC_SECRET,
            "redirect_uris": f"{settings.PUBLIC_URL}/notebooks/hub/oauth_callback",
            "post_logout_redirect_uris": f"{settings.PUBLIC_URL}/",
            "skip_authorization": True,
            "algorithm": "RS256",
        },
    )


def _ensure_admin() -> User | None:
    """The administrator named in the settings, at first start only."""
    if not (settings.ADMIN_EMAIL and settings.ADMIN_PASSWORD):
        return None
    if User.objects.get_queryset().exists():
        return None
    try:
        return accounts.create_first_admin(
            email=settings.ADMIN_EMAIL,
            name=settings.ADMIN_EMAIL.split("@")[0].replace(".", " ").title(),
            password=settings.ADMIN_PASSWORD,
        )
    except Refusal as refusal:
        raise CommandError(
            f"HEXA_ADMIN_EMAIL or HEXA_ADMIN_PASSWORD is refused. {refusal}"
        ) from refusal
