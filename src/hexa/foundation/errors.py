"""What the platform says when it will not, or cannot, do something.

    Refusal            the request cannot be honoured; the user may know why
      NotFound         absent, or not visible to this actor: we do not say which
      PermissionDenied visible, but this actor may not do that
      SignedOut        the session is over, in the midst of a page
      Invalid          the input breaks a rule
      Conflict         the rule is about the present state, and may hold later
      FormTooLarge     more than we take through a form; said before any of it is kept
    Outage             something outside us failed; trying again may help

Anything else that is raised is a bug, and is reported as one. The message of a
refusal is the first line of its class's docstring, with `fields` filled in; the
edge (`foundation.answers`) translates it. A message given in words is kept as is.
"""

from typing import ClassVar


class _Answer(Exception):
    code: ClassVar[str]
    status: ClassVar[int]

    def __init__(self, message: str = "", **fields: object) -> None:
        self.message = message
        self.fields = fields
        super().__init__(message or self.template() % fields)

    @classmethod
    def template(cls) -> str:
        """The untranslated message, with `%(name)s` where fields go."""
        return (cls.__doc__ or "").strip().splitlines()[0]


class Refusal(_Answer):
    """This is not possible."""

    code: ClassVar[str] = "REFUSED"
    status: ClassVar[int] = 400


class NotFound(Refusal):
    """There is nothing here, or it is not shared with you."""

    code: ClassVar[str] = "NOT_FOUND"
    status: ClassVar[int] = 404


class PermissionDenied(Refusal):
    """Your role does not allow this. An admin of the workspace can change it."""

    code: ClassVar[str] = "PERMISSION_DENIED"
    status: ClassVar[int] = 403


class SignedOut(Refusal):
    """You are signed out. Sign in again in another tab, then reload this page."""

    code: ClassVar[str] = "UNAUTHENTICATED"
    status: ClassVar[int] = 401


class Invalid(Refusal):
    """This value is not valid."""

    code: ClassVar[str] = "INVALID"
    status: ClassVar[int] = 422


class Conflict(Refusal):
    """This is not possible at the moment."""

    code: ClassVar[str] = "CONFLICT"
    status: ClassVar[int] = 409


class FormTooLarge(Refusal):
    """A form may bring up to 2 GB at once. Nothing of it was kept. Send fewer files at a time, or turn on JavaScript, with which files may have up to 5 TB."""

    code: ClassVar[str] = "FORM_TOO_LARGE"
    status: ClassVar[int] = 413


class Outage(_Answer):
    """A part of the platform does not answer. Try again in a moment."""

    code: ClassVar[str] = "OUTAGE"
    status: ClassVar[int] = 503
