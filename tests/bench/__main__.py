"""`make bench`: measures, prints a table, and writes bench.json.

Figures come from one run on one machine; ratios are what travels.
"""

import contextlib
import itertools
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from django.core.management import call_command
from django.test.utils import (
    setup_databases,
    setup_test_environment,
    teardown_databases,
)

import tests.early

os.environ["DJANGO_SETTINGS_MODULE"] = "hexa.site.settings"

import django

django.setup()

from hexa.site.settings import installation
from tests import services
from tests.bench import (
    files,
    notebooks,
    pages,
    previews,
    running,
    search,
    slow,
    transfers,
)
from tests.bench.table import Figure, drawn, written
from tests.platforms import platform_in

RESULT = Path("bench.json")


def main() -> int:
    assert tests.early.DATA.exists()
    figures: list[Figure] = []
    for found in itertools.chain(_starts(), _on_a_platform(), _in_process()):
        figures += found
        # A table that grows: a run that is cut short has shown what it found.
        sys.stdout.write(drawn(figures) + "\n\n")
        sys.stdout.flush()
        written(figures, RESULT)
    return 0


def wanted(part: ModuleType) -> bool:
    """All of them, unless some are named: `python -m tests.bench transfers pages`."""
    return not sys.argv[1:] or part.__name__.rpartition(".")[2] in sys.argv[1:]


def _starts() -> Iterator[list[Figure]]:
    if wanted(running):
        yield running.started()


def _on_a_platform() -> Iterator[list[Figure]]:
    parts = (notebooks, files, transfers, previews, slow)
    if not any(wanted(part) for part in (running, *parts)):
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        platform_in(Path(folder), HEXA_DEMO="false") as platform,
    ):
        Path(folder).chmod(0o755)
        platform.start()
        if wanted(running):
            yield running.first_screen(platform)
            yield running.idle(platform)
        for part in parts:
            if wanted(part):
                yield part.measured(platform)


def _in_process() -> Iterator[list[Figure]]:
    with contextlib.ExitStack() as stack:
        stack.enter_context(services.running_postgres(installation))
        store = stack.enter_context(services.running_store(installation))
        call_command("collectstatic", interactive=False, verbosity=0)
        setup_test_environment()
        old = setup_databases(verbosity=0, interactive=False)
        stack.callback(teardown_databases, old, verbosity=0)
        if wanted(pages):
            yield pages.measured(store)
        if wanted(search):
            yield from search.measured(store)


if __name__ == "__main__":
    sys.exit(main())
