from playwright.sync_api import expect

from tests.lab_ui.lab import CLOSED_DRIVE, DRIVE, Person


def test_everything_is_said_in_french(french_person: Person) -> None:
    person = french_person
    caption = person.item(CLOSED_DRIVE).locator("[data-hexa-caption]")
    expect(caption).to_have_attribute("data-hexa-caption", "lecture seule")

    person.chooses(DRIVE, "Copier le chemin")
    person.is_told("Copié : s3://malaria-team/")

    person.chooses(DRIVE, "Copier pour le code", "Copier l’adresse")
    person.chooses_in_file_menu("Arrêter mon serveur")
    dialog = person.page.locator(".jp-Dialog-content")
    expect(dialog).to_contain_text("Les fichiers enregistrés sont conservés")
    dialog.get_by_role("button", name="Annuler").click()
    expect(
        person.page.get_by_role("link", name="Retour à l’espace de travail Malaria")
    ).to_be_visible()
