import re

from django import forms
from django.utils.translation import gettext_lazy as _

from hexa.workspaces.models import SLUG, Role

COUNTRY = re.compile(r"[A-Z]{2}")


class CountriesField(forms.CharField):
    """ISO 3166-1 alpha-2 codes, separated by spaces or commas, as a list."""

    def to_python(self, value: object) -> list[str]:  # type: ignore[override]  # a list
        codes = re.split(r"[\s,;]+", str(value or "").strip().upper())
        return [code for code in dict.fromkeys(codes) if code]

    def validate(self, value: list[str]) -> None:
        for code in value:
            if not COUNTRY.fullmatch(code):
                raise forms.ValidationError(
                    _("%(code)s is not a two-letter country code such as TG or ML."),
                    params={"code": code},
                )


class WorkspaceForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    slug = forms.CharField(
        label=_("Address"),
        max_length=40,
        required=False,
        help_text=_(
            "Lower-case letters, digits and hyphens. It names the bucket and the"
            " database and cannot be changed later. Left empty, it is made from the name."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    countries = CountriesField(
        label=_("Countries"),
        required=False,
        help_text=_("Two-letter codes, such as TG, ML."),
    )

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).strip()
        if slug and not (SLUG.fullmatch(slug) and len(slug) >= 3):
            raise forms.ValidationError(
                _(
                    "Use 3 to 40 lower-case letters, digits and hyphens, starting with a letter."
                )
            )
        return slug


class SettingsForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    countries = CountriesField(
        label=_("Countries"),
        required=False,
        help_text=_("Two-letter codes, such as TG, ML."),
    )


class HomePageForm(forms.Form):
    text = forms.CharField(
        label=_("Home page"),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 22, "class": "mono", "autofocus": True}),
        help_text=_(
            "Markdown: # headings, **bold**, lists, tables. A file of the workspace by its"
            " address or name: [cases](data/cases.csv), ![map](maps/map.png)."
        ),
        strip=False,
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role, initial=Role.EDITOR)


class MemberForm(RoleForm):
    field_order = ("email", "role")
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("Of somebody who has an account on this platform."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
