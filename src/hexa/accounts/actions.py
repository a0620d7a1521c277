"""What can be done to people."""

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session as BrowserSession
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language

from hexa.accounts import errors, hooks
from hexa.accounts.models import (
    Language,
    SetupLink,
    User,
    digest,
    handle_for,
    normalised,
)
from hexa.foundation import audit
from hexa.foundation.actors import Actor, System


@transaction.atomic
def create_person(
    *,
    email: str,
    name: str,
    password: str,
    by: Actor,
    is_admin: bool = False,
    language: str = "",
) -> User:
    """Raises BadEmail, EmailTaken or WeakPassword."""
    person = User(
        email=normalised(email),
        name=name.strip() or email.split("@", maxsplit=1)[0],
        handle=handle_for(email),
        is_admin=is_admin,
        language=language if language in Language.values else "",
    )
    try:
        validate_email(person.email)
    except ValidationError:
        raise errors.BadEmail from None
    _set_password(person, password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise errors.EmailTaken from None
    audit.record("person.created", person.email, by=by, is_admin=is_admin)
    return person


@transaction.atomic
def deactivate(person: User, *, by: Actor) -> None:
    """End a person's access everywhere; their work stays. Raises LastAdmin."""
    others = User.objects.filter(is_admin=True, is_active=True).exclude(pk=person.pk)
    if person.is_admin and not others.exists():
        raise errors.LastAdmin
    person.is_active = False
    person.save(update_fields=["is_active"])
    _end_browser_sessions(person)
    audit.record("person.deactivated", person.email, by=by)
    for listener in hooks.on_deactivated:
        listener(person)


@transaction.atomic
def issue_setup_link() -> str | None:
    """A fresh token while nobody can administer the platform, else None.

    Earlier links stop working: only the newest one printed is good.
    """
    if User.objects.filter(is_admin=True, is_active=True).exists():
        return None
    SetupLink.objects.all().delete()
    link, token = SetupLink.issue()
    link.save()
    audit.record("setup_link.issued", by=System("setup"))
    return token


@transaction.atomic
def set_up(token: str, *, email: str, name: str, password: str) -> User:
    """Spend the link on the first administrator. Raises SetupLinkSpent and others."""
    link = find_setup_link(token, lock=True)
    language = get_language() or ""
    person = create_first_admin(
        email=email, name=name, password=password, language=language
    )
    link.delete()
    return person


@transaction.atomic
def create_first_admin(
    *, email: str, name: str, password: str, language: str = ""
) -> User:
    """The person who sets the platform up. Raises as `create_person` does."""
    person = create_person(
        email=email,
        name=name,
        password=password,
        is_admin=True,
        language=language,
        by=System("setup"),
    )
    for listener in hooks.on_first_admin:
        listener(person)
    return person


def find_setup_link(token: str, *, lock: bool = False) -> SetupLink:
    rows = SetupLink.objects.select_for_update() if lock else SetupLink.objects
    link = rows.filter(token_hash=digest(token)).first()
    if link is None or not link.is_valid:
        raise errors.SetupLinkSpent
    return link


def choose_language(person: User, *, language: str) -> None:
    if language in Language.values and person.language != language:
        person.language = language
        person.save(update_fields=["language"])


def _set_password(person: User, password: str) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise errors.WeakPassword(" ".join(error.messages)) from None
    person.set_password(password)


def _end_browser_sessions(person: User) -> None:
    # Sessions are opaque rows: only the signed-in ones that have not expired matter.
    for session in BrowserSession.objects.filter(expire_date__gt=timezone.now()):
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()
