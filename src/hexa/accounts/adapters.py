"""How allauth is told about our rules."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are added by an administrator."""
        return False

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: object,
        **kwargs: object,
    ) -> None:
        """Only what the page that follows does not show by itself."""
        if message_template == "account/messages/password_changed.txt":
            messages.success(request, _("Your password is changed."))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")
