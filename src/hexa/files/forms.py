"""What browsers send, as values. Names keep their spaces: they are part of a key."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_LONGEST = 1024


class _Key(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=_LONGEST, strip=False, **options)


class FolderForm(forms.Form):
    """A new folder in the folder the page shows."""

    name = _Key(label=_("Name"))


class PathForm(forms.Form):
    path = _Key()


class StartForm(forms.Form):
    name = _Key()
    size = forms.IntegerField(min_value=0)
    type = forms.CharField(required=False, max_length=200)


class TicketForm(forms.Form):
    upload = forms.UUIDField()


class PartForm(TicketForm):
    number = forms.IntegerField(min_value=1, max_value=10_000)


class _Parts(forms.JSONField):
    def clean(self, value: Any) -> list[tuple[int, str]]:
        found = super().clean(value)
        try:
            parts = [(int(part["number"]), str(part["etag"])) for part in found]
        except (TypeError, KeyError, ValueError):
            raise forms.ValidationError(_("This is not a list of parts.")) from None
        return parts


class CompleteForm(TicketForm):
    parts = _Parts()
