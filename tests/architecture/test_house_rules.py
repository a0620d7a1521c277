"""Rules of the house that no linter holds."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

from hexa.foundation.access import policy_of

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for folder in ("src/hexa", "packages/hexakit/src", "packages/hexa-lab/src")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts and "labextension" not in path.parts
)
REFUSED = {"utils", "helpers", "common", "misc", "core", "lib", "manager", "handlers"}
WORDS = re.compile(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\))")


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, object]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.callback


def test_every_url_says_who_may_call_it() -> None:
    missing = [r for r, view in patterns(get_resolver()) if policy_of(view) is None]
    assert missing == []


def test_views_start_every_query_from_what_the_actor_may_see() -> None:
    unscoped = []
    for path in SOURCES:
        if not {"views", "resolvers"} & {path.stem, path.parent.name}:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parents = {c: n for n in ast.walk(tree) for c in ast.iter_child_nodes(n)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "objects":
                after = parents.get(node)
                if not (
                    isinstance(after, ast.Attribute) and after.attr == "visible_to"
                ):
                    unscoped.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert unscoped == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_is_small_and_has_a_name(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 500
    assert path.stem not in REFUSED
    assert not WORDS.search(text), "an issue number goes with what is left for later"


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_generated_reference_is_up_to_date() -> None:
    script = ROOT / "scripts" / "reference.py"
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HEXA_")}
    done = subprocess.run(
        [sys.executable, str(script), "--check"],
        check=False,
        capture_output=True,
        text=True,
        env=kept,
    )
    assert done.returncode == 0, done.stdout
