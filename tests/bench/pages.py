"""What a page costs the server: processor time and questions to the database."""

import time
from collections.abc import Mapping

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hexa.accounts.models import User
from hexa.files import actions as files
from hexa.workspaces.models import Workspace
from tests.bench.table import Figure, median
from tests.makers import PASSWORD, make_person, make_workspace
from tests.stores import RunningStore
from tests.stores_filled import fill

RUNS = 7
FOLDERS = (10, 10_000, 100_000, 1_000_000)


def measured(store: RunningStore) -> list[Figure]:
    ana = make_person()
    workspace = make_workspace(by=ana)
    client = _signed_in(ana)
    figures = [
        *_page("sign-in page", Client(), "/accounts/login/"),
        *_page("workspace's home page", client, workspace.get_absolute_url()),
    ]
    base = f"/workspaces/{workspace.slug}/files/s3:{workspace.slug}"
    folders = {
        "Files, folder of {} keys".format(f"{count:,}".replace(",", " ")): (
            f"{base}/{folder}/"
        )
        for count, folder in _filled(workspace, store).items()
    }
    figures += _pages(client, folders)
    cpu = [one.value for one in figures if one.name in {f"{n}: CPU" for n in folders}]
    flat = Figure("… largest against smallest", cpu[-1] / cpu[0], "×", 2.0)
    return [*figures, flat]


def _signed_in(person: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


def _page(name: str, client: Client, url: str) -> list[Figure]:
    return _pages(client, {name: url})


def _pages(client: Client, urls: Mapping[str, str]) -> list[Figure]:
    """In turns, so that what else the machine does falls on all of them."""
    costs: dict[str, list[float]] = {name: [] for name in urls}
    questions = {}
    for turn in range(RUNS + 1):
        for name, url in urls.items():
            with CaptureQueriesContext(connection) as asked:
                begun = time.process_time()
                response = client.get(url)
                cost = (time.process_time() - begun) * 1000
            assert response.status_code == 200, url
            questions[name] = len(asked)
            if turn:  # the first fills caches
                costs[name].append(cost)
    return [
        figure
        for name in urls
        for figure in (
            Figure(f"{name}: CPU", median(costs[name]), "ms"),
            Figure(f"{name}: SQL", questions[name], "queries", 10),
        )
    ]


def _filled(workspace: Workspace, store: RunningStore) -> dict[int, str]:
    """The folders that hold so many."""
    bucket = files.own_bucket(workspace)
    folders = {count: f"f{count}" for count in FOLDERS}
    with store.standing_still() as home:
        for count, folder in folders.items():
            fill(home, bucket=bucket, folder=folder, count=count)
    return folders
