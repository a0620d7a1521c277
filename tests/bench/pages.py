"""What a page costs the server: processor time and questions to the database."""

import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hexa.accounts.models import User
from hexa.files import actions as files
from hexa.files.queries.store import own_store
from hexa.workspaces.models import Workspace
from tests.bench.table import Figure, median
from tests.makers import PASSWORD, make_person, make_workspace

RUNS = 7
FOLDERS = (10, 10_000, 100_000)


def measured() -> list[Figure]:
    ana = make_person()
    workspace = make_workspace(by=ana)
    client = _signed_in(ana)
    figures = [
        *_page("sign-in page", Client(), "/accounts/login/"),
        *_page("workspace's home page", client, workspace.get_absolute_url()),
    ]
    base = f"/workspaces/{workspace.slug}/files/s3:{workspace.slug}"
    costs = []
    for count in FOLDERS:
        folder = _filled(workspace, count)
        name = f"Files, folder of {count:,} keys".replace(",", " ")
        page = _page(name, client, f"{base}/{folder}/")
        costs.append(page[0].value)
        figures += page
    flat = Figure("… largest against smallest", costs[-1] / costs[0], "×", 2.0)
    return [*figures, flat]


def _signed_in(person: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


def _page(name: str, client: Client, url: str) -> list[Figure]:
    client.get(url)
    costs, questions = [], 0
    for _ in range(RUNS):
        with CaptureQueriesContext(connection) as asked:
            begun = time.process_time()
            response = client.get(url)
            costs.append((time.process_time() - begun) * 1000)
        assert response.status_code == 200, url
        questions = len(asked)
    return [
        Figure(f"{name}: CPU", median(costs), "ms"),
        Figure(f"{name}: SQL", questions, "queries", 10),
    ]


def _filled(workspace: Workspace, count: int) -> str:
    folder = f"f{count}"
    bucket = files.own_bucket(workspace)
    keys = (f"{folder}/{number:06}.csv" for number in range(count))
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda key: own_store().put(bucket, key, b"x"), keys))
    return folder
