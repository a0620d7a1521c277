import re

import pytest
from playwright.sync_api import expect

from tests.lab_ui.lab import CLOSED_DRIVE, DRIVE, Person

FOLDER = "données 2026"
FILE = "élevés à Kinshasa.csv"
ADDRESS = f"s3://malaria-team/{FOLDER}/{FILE}"


def test_copy_path_gives_the_address_of_a_file_in_a_drive(person: Person) -> None:
    person.enters(DRIVE, FOLDER)

    person.chooses(FILE, "Copy Path")

    person.is_told(f"Copied {ADDRESS}")
    assert person.clipboard == ADDRESS


def test_copy_path_gives_the_address_of_a_drive_and_of_a_folder(person: Person) -> None:
    person.chooses(CLOSED_DRIVE, "Copy Path")
    person.is_told("Copied gs://who-data/")
    assert person.clipboard == "gs://who-data/"

    person.enters(DRIVE)
    person.chooses(FOLDER, "Copy Path")
    person.is_told(f"Copied s3://malaria-team/{FOLDER}")
    assert person.clipboard == f"s3://malaria-team/{FOLDER}"


def test_copy_path_gives_the_posix_path_of_a_file_at_home(person: Person) -> None:
    person.chooses("brouillon été.txt", "Copy Path")

    person.is_told("Copied /home/hexa/brouillon été.txt")
    assert person.clipboard == "/home/hexa/brouillon été.txt"


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("Copy address", ADDRESS),
        ("Copy pandas line", f'import pandas as pd\ndf = pd.read_csv("{ADDRESS}")'),
        ("Copy R line", f'df <- hexakit::read_csv("{ADDRESS}")'),
    ],
)
def test_lines_of_code_are_copied(person: Person, entry: str, text: str) -> None:
    person.enters(DRIVE, FOLDER)

    person.chooses(FILE, "Copy for code", entry)

    person.is_told("Copied")
    assert person.clipboard == text


def test_the_duckdb_line_names_the_address(person: Person) -> None:
    person.enters(DRIVE, FOLDER)

    person.chooses(FILE, "Copy for code", "Copy DuckDB line")

    person.is_told("Copied")
    assert "duckdb.sql" in person.clipboard
    assert ADDRESS in person.clipboard


def test_several_files_are_copied_one_a_line(person: Person) -> None:
    person.enters(DRIVE, FOLDER)
    person.item("cas.parquet").click()
    person.item(FILE).click(modifiers=["Shift"])

    person.chooses(FILE, "Copy Path")

    person.is_told("Copied 2 lines")
    assert sorted(person.clipboard.split("\n")) == [
        f"s3://malaria-team/{FOLDER}/cas.parquet",
        ADDRESS,
    ]


def test_folders_have_an_address_but_no_line_of_code(person: Person) -> None:
    person.item(DRIVE).click(button="right")
    person.page.locator(".lm-Menu-itemLabel", has_text="Copy for code").click()

    submenu = person.page.locator(".lm-Menu").last.locator(".lm-Menu-item")
    expect(submenu.filter(visible=True)).to_have_text([re.compile("Copy address")])


def test_an_address_is_copied_when_the_server_does_not_answer(person: Person) -> None:
    person.enters(DRIVE, FOLDER)
    person.page.route("**/hexa/address**", lambda route: route.abort())

    person.chooses(FILE, "Copy Path")
    person.is_told(f"Copied {ADDRESS}")
    assert person.clipboard == ADDRESS

    person.chooses(FILE, "Copy for code", "Copy pandas line")
    person.is_told("The address was copied instead")
    assert person.clipboard == ADDRESS
