import subprocess
import sys

from scripts import messages

KNOWN = messages.translations()


def test_every_message_has_its_french() -> None:
    missing = [w for w in messages.wanted() if (w.text, w.context) not in KNOWN]
    assert missing == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    plurals = {w.text: w.plural for w in messages.wanted()}
    for (text, _), french in KNOWN.items():
        forms = {tuple(messages.placeholders(text))}
        if plurals.get(text):
            forms.add(tuple(messages.placeholders(plurals[text])))
        for words in french:
            assert tuple(messages.placeholders(words)) in forms, text


def test_the_list_of_missing_messages_can_be_asked_for() -> None:
    done = subprocess.run(
        [sys.executable, messages.__file__], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")
