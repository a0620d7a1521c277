from collections.abc import Callable, Iterator
from dataclasses import asdict

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.core.management import call_command
from django.test import Client

from hexa.accounts.models import User
from hexa.site.settings import installation
from hexa.site.supervisor.components.store import ports_of
from tests import early, services

# A browser, a store of others and the running platform, for whoever asks for them.
pytest_plugins = [
    "tests.browsers",
    "tests.crowds",
    "tests.foreign",
    "tests.google.connected",
    "tests.platforms",
]

SignedIn = Callable[[User], Client]


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """A password takes 0.3 s on purpose, which hundreds of people here need not wait for.

    The platforms that tests start are processes of their own, and take it.
    """
    ScryptPasswordHasher.work_factor = 2


@pytest.fixture(scope="session")
def postgres() -> Iterator[None]:
    early.give([installation.ports.postgres])
    with services.running_postgres(installation):
        yield


@pytest.fixture(scope="session")
def store() -> Iterator[None]:
    early.give(asdict(ports_of(installation.ports)).values())
    with services.running_store(installation):
        yield


@pytest.fixture(scope="session")
def static_files() -> None:
    """Pages name their assets by the hash of their content, as in production."""
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    postgres: None, store: None, static_files: None
) -> None:
    """The test database is made on a server that runs, beside a store that runs."""


@pytest.fixture
def signed_in() -> SignedIn:
    def sign_in(person: User) -> Client:
        client = Client()
        client.force_login(
            person, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client

    return sign_in
