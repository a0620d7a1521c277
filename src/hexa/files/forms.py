"""What browsers send, as values. Names keep their spaces: they are part of a key."""

import re
from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from cryptography import x509
from django import forms
from django.forms.forms import DeclarativeFieldsMetaclass
from django.utils.translation import gettext_lazy as _

from hexa.files.actions import Wish
from hexa.files.models import Access
from hexa.files.queries.google import GooglePlace
from hexa.files.queries.store import AnyPlace, Place
from hexa.foundation.answers import spoken
from hexa.foundation.errors import Conflict, Invalid

_LONGEST = 1024
_MOST_PARTS = 10_000  # of one file, in S3


class _Key(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=_LONGEST, strip=False, **options)


class FolderForm(forms.Form):
    """A new folder in the folder the page shows."""

    # Where the dialog opens, rather than on the button that closes it.
    name = _Key(label=_("Name"), widget=forms.TextInput(attrs={"autofocus": True}))


class _Keys(forms.Field):
    """As many as were ticked."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        given = [str(one) for one in value or () if one]
        if any(len(one) > _LONGEST for one in given):
            raise forms.ValidationError(_("This is not the name of a file."))
        return given


class PathsForm(forms.Form):
    path = _Keys(required=False)


class DeleteForm(PathsForm):
    """`confirm` only where there is no way back."""

    confirm = _Key(required=False, label=_("Name"))


class _TakenForm(forms.Form):
    """What to do about a file of the same name, once that was asked."""

    if_taken = forms.ChoiceField(
        choices=[("keep-both", ""), ("replace", "")],
        required=False,
        widget=forms.HiddenInput,
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    # Only where what is replaced is gone for good.
    confirm = _Key(required=False, widget=forms.HiddenInput)


class RenameForm(_TakenForm):
    name = _Key(label=_("New name"))
    path = _Key(widget=forms.HiddenInput)
    etag = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)


class MoveForm(PathsForm, _TakenForm):
    """`to` is any form of a folder's address; none: the person has yet to choose."""

    to = _Key(required=False, label=_("Folder"))


class RestoreForm(forms.Form):
    path = _Key()
    version = forms.CharField(max_length=1024)
    seen = forms.CharField(max_length=1024)


class TicketForm(forms.Form):
    upload = forms.UUIDField()


class ThroughFileForm(forms.Form):
    """As `uploading._answer` wrote it into the address."""

    key = _Key()
    replaces = _Key(required=False)


class ResumeForm(TicketForm):
    size = forms.IntegerField(min_value=0)


class _Listed(forms.JSONField):
    """A list of up to `most` entries, each as `parse` reads it."""

    def __init__(
        self, parse: Callable[[Any], object], *, most: int, required: bool = True
    ) -> None:
        self.parse, self.most = parse, most
        super().__init__(required=required)

    def to_python(self, value: Any) -> Any:
        if value is None and not self.required:
            return []
        if not isinstance(value, list) or len(value) > self.most:
            raise self._misread()
        try:
            return [self.parse(one) for one in value]
        except (TypeError, KeyError, ValueError):
            raise self._misread() from None

    def _misread(self) -> forms.ValidationError:
        return forms.ValidationError(_("This list was not understood."))


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise TypeError
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < 2**60:
        raise TypeError
    return value


def _part_number(value: Any) -> int:
    if not 1 <= _count(value) <= _MOST_PARTS:
        raise ValueError
    return int(value)


def _wish(value: Any) -> Wish:
    return Wish(
        name=_text(value["name"]),
        size_bytes=_count(value["size"]),
        modified_ms=_count(value.get("modified", 0)),
        content_type=_text(value.get("type", ""))[:200],
        replaces=_text(value.get("replaces", "")),
        confirmed=_text(value.get("confirmed", "")),
        is_beside=value.get("beside") is True,
    )


class CheckForm(forms.Form):
    names = _Listed(_text, most=5_000)
    total = forms.IntegerField(min_value=0)


class OfferForm(forms.Form):
    wishes = _Listed(_wish, most=200)


class StoredForm(forms.Form):
    keys = _Listed(_text, most=200)


class PartForm(TicketForm):
    """`ahead` are the numbers of parts that follow soon, whose links are given too."""

    number = forms.IntegerField(min_value=1, max_value=_MOST_PARTS)
    sent = forms.IntegerField(min_value=0, required=False)
    ahead = _Listed(_part_number, most=15, required=False)


class CompleteForm(TicketForm):
    parts = _Listed(
        lambda part: (_count(part["number"]), _text(part["etag"])), most=_MOST_PARTS
    )
    replaces = _Key(required=False, empty_value=None)
    confirmed = _Key(required=False)
    beside = forms.BooleanField(required=False)


_REGION = re.compile(r"[a-z0-9-]{2,60}")
_ROLE = re.compile(r"arn:[a-z0-9-]+:iam::\d*:role/[\w+=,.@/-]+")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9.:-]{2,60}")
_LONGEST_KEY = 20_000
_PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}


def _mono(**attributes: str) -> forms.TextInput:
    return forms.TextInput(attrs={**_PLAIN, **attributes})


class _Unshown(forms.Textarea):
    """What was typed is never in a page again."""

    def format_value(self, value: Any) -> str:  # noqa: ARG002 # Django passes it
        return ""


class _FormMeta(DeclarativeFieldsMetaclass, ABCMeta):
    """Of forms that are not whole by themselves."""


class TeamBucketForm(forms.Form, metaclass=_FormMeta):
    """A bucket that a team has somewhere. A key left empty is one that is kept.

    What differs by who keeps the bucket is in the two forms below.
    """

    #: How an address of such a bucket begins, and what its name may be.
    scheme: ClassVar[str]
    names: ClassVar[re.Pattern[str]]
    #: The fields that open the bucket: they are never shown again.
    key: ClassVar[tuple[str, ...]]

    bucket = forms.CharField(label=_("Bucket"), max_length=1000, widget=_mono())
    folder = forms.CharField(
        label=_("Folder of the bucket"),
        max_length=800,
        required=False,
        strip=False,
        widget=_mono(),
        help_text=_("Only what is in it is shown and can be reached. Empty: all."),
    )
    access = forms.ChoiceField(
        label=_("What members may do"),
        choices=[
            (Access.READ, _("Read only")),
            (Access.WRITE, _("Read; editors and admins also write")),
        ],
        initial=Access.READ,
        widget=forms.RadioSelect,
    )

    # The browser cannot know what the first choice makes of the others.
    use_required_attribute = False

    def __init__(
        self, *args: Any, has_key: bool, is_known: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        address = f"{self.scheme}who-data/raw/"
        told = _("Its name, or its address: %(address)s") % {"address": address}
        self.fields["bucket"].help_text = told
        self.is_known = is_known
        for name in ("bucket", "folder"):
            # By these a drive that there is already is known.
            self.fields[name].disabled = is_known
        if has_key:
            self._hold_key()

    @abstractmethod
    def place(self, kept: Mapping[str, str]) -> AnyPlace:
        """What was typed, opened by a key that is kept where none was."""

    def refuse(self, refusal: Conflict | Invalid) -> None:
        """Says it beside what has to change."""
        self.add_error(self._cause_of(refusal), spoken(refusal))

    def without_key(self) -> Self:
        """The same, as if the key had not been given; it is kept elsewhere."""
        typed = {**dict(self.data.items()), **dict.fromkeys(self.key, "")}
        again = type(self)(
            typed, initial=self.initial, has_key=True, is_known=self.is_known
        )
        again.full_clean()
        return again

    def clean(self) -> dict[str, Any]:
        """An address that was pasted gives the folder as well."""
        given = super().clean() or {}
        typed = given.get("bucket", "").strip().removeprefix(self.scheme)
        bucket, _slash, inside = typed.partition("/")
        folder = (given.get("folder") or inside).strip("/")
        given["bucket"], given["folder"] = bucket, f"{folder}/" if folder else ""
        if bucket and not self.names.fullmatch(bucket):
            self.add_error("bucket", _("This cannot be the name of a bucket."))
        names = folder.split("/") if folder else []
        if any(name in {"", ".", ".."} or not name.isprintable() for name in names):
            self.add_error("folder", _("This cannot be the name of a folder."))
        return given

    def _hold_key(self) -> None:
        for name in self.key:
            self.fields[name].required = False
            self.fields[name].help_text = _("It is set. Leave it empty to keep it.")

    def _cause_of(self, refusal: Conflict | Invalid) -> str:  # noqa: ARG002 # some tell
        return "bucket"


class BucketForm(TeamBucketForm):
    """Where a bucket at Amazon or another S3 store is, and what opens it."""

    scheme = "s3://"
    names = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")
    key = ("access_key_id", "secret_access_key")

    AMAZON, OTHER = "amazon", "other"

    kind = forms.ChoiceField(
        label=_("Where it is kept"),
        choices=[(AMAZON, _("Amazon S3")), (OTHER, _("Another S3 store"))],
        initial=AMAZON,
        widget=forms.RadioSelect,
    )
    region = forms.CharField(
        label=_("Region"),
        max_length=60,
        initial="us-east-1",
        widget=_mono(placeholder="eu-west-1"),
        help_text=_("As Amazon names it. Other stores mostly take us-east-1."),
    )
    endpoint = forms.CharField(
        label=_("Endpoint"),
        max_length=400,
        widget=_mono(placeholder="https://minio.example.org"),
        help_text=_("Of another S3 store: the address it answers at."),
    )
    access_key_id = forms.CharField(
        label=_("Access key ID"), max_length=200, widget=_mono()
    )
    secret_access_key = forms.CharField(
        label=_("Secret access key"),
        max_length=400,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Encrypted here and never shown again, to anybody."),
    )
    role_arn = forms.CharField(
        label=_("Role to assume"),
        max_length=2048,
        required=False,
        widget=_mono(placeholder="arn:aws:iam::123456789012:role/openhexa"),
        help_text=_(
            "The key then only asks for this role, which lends, for an hour, no more"
            " than this drive may do."
        ),
    )
    is_path_style = forms.BooleanField(
        label=_("The bucket stands in the path, not in the host name"),
        required=False,
        initial=True,
        help_text=_("For stores other than Amazon: mostly yes."),
    )
    pays_requests = forms.BooleanField(
        label=_("This bucket charges who asks, and we accept that"),
        required=False,
        help_text=_("“Requester pays” at Amazon: your account is billed."),
    )
    authority = forms.CharField(
        label=_("Certificate of your own authority"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={**_PLAIN, "rows": 4}),
        help_text=_("PEM. Only for a store whose certificate is signed by yourselves."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["endpoint"].required = self.data.get("kind") != self.AMAZON

    def place(self, kept: Mapping[str, str]) -> Place:
        given = {**self.cleaned_data, "prefix": self.cleaned_data["folder"]}
        if not given["secret_access_key"]:
            given |= kept
        return Place(**{one.name: given[one.name] for one in fields(Place)})

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        self._read_place(given)
        self._read_key(given)
        return given

    def clean_authority(self) -> str:
        given: str = self.cleaned_data["authority"].strip()
        try:
            if given:
                x509.load_pem_x509_certificates(given.encode())
        except ValueError:
            raise forms.ValidationError(_("This is no certificate in PEM.")) from None
        return given

    def clean_role_arn(self) -> str:
        given: str = self.cleaned_data["role_arn"]
        if given and not _ROLE.fullmatch(given):
            raise forms.ValidationError(_("A role looks like arn:aws:iam::…:role/…"))
        return given

    def _cause_of(self, refusal: Conflict | Invalid) -> str:
        return "endpoint" if self.is_known else super()._cause_of(refusal)

    def _read_place(self, given: dict[str, Any]) -> None:
        if given.get("kind") == self.AMAZON:
            given["endpoint"], given["is_path_style"] = "", False
        elif given.get("endpoint"):
            given["endpoint"] = given["endpoint"].strip().rstrip("/")
            if not _is_endpoint(given["endpoint"]):
                text = _(
                    "An endpoint looks like https://minio.example.org, without path."
                )
                self.add_error("endpoint", text)
        if given.get("region") and not _REGION.fullmatch(given["region"]):
            self.add_error("region", _("This cannot be the name of a region."))

    def _read_key(self, given: dict[str, Any]) -> None:
        missing = [name for name in self.key if not given.get(name)]
        if len(missing) == 1 and missing[0] not in self.errors:
            self.add_error(missing[0], _("Give both halves of the key."))


def _is_endpoint(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    is_bare = not (parts.path or parts.query or parts.fragment or parts.username)
    is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    return is_web and is_bare and port != 0


class GoogleForm(TeamBucketForm):
    """Where a bucket at Google is and what opens it."""

    scheme = "gs://"
    names = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
    key = ("service_account_key",)

    key_file = forms.FileField(
        label=_("Key of a service account"),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        error_messages={"required": _("Give the key of a service account.")},
        help_text=_("The JSON file that Google gave you when the key was made."),
    )
    service_account_key = forms.CharField(
        label=_("Or its content"),
        required=False,
        max_length=_LONGEST_KEY,
        widget=_Unshown(
            attrs={**_PLAIN, "rows": 4, "placeholder": '{"type": "service_account", …}'}
        ),
        help_text=_("Encrypted here and never shown again, to anybody."),
    )
    user_project = forms.CharField(
        label=_("Project to be billed"),
        max_length=100,
        required=False,
        widget=_mono(placeholder="our-project"),
        help_text=_("Only for a bucket whose owner lets those who ask pay."),
    )

    def __init__(self, *args: Any, has_key: bool, **options: Any) -> None:
        super().__init__(*args, has_key=has_key, **options)
        is_pasted = bool(self.data.get("service_account_key"))
        self.fields["key_file"].required = not has_key and not is_pasted

    def place(self, kept: Mapping[str, str]) -> GooglePlace:
        given = self.cleaned_data
        key = given["service_account_key"] or kept.get("service_account_key", "")
        return GooglePlace(
            bucket=given["bucket"],
            prefix=given["folder"],
            access=given["access"],
            user_project=given["user_project"],
            service_account_key=key,
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        self._read_key(given)
        project = given.get("user_project", "")
        if project and not _PROJECT.fullmatch(project):
            self.add_error("user_project", _("This cannot be the name of a project."))
        return given

    def _cause_of(self, refusal: Conflict | Invalid) -> str:
        is_key = isinstance(refusal, Invalid)
        return "service_account_key" if is_key else super()._cause_of(refusal)

    def _read_key(self, given: dict[str, Any]) -> None:
        if file := given.get("key_file"):
            if file.size > _LONGEST_KEY:
                self.add_error("key_file", _("This file is too long to be a key."))
                return
            given["service_account_key"] = file.read().decode("utf-8", "replace")


class ConfirmForm(forms.Form):
    typed = forms.CharField(label=_("Name of the bucket"), widget=_mono())
