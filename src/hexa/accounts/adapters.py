"""How allauth is told about our rules."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are added by an administrator."""
        return False

    def add_message(self, *args: object, **kwargs: object) -> None:
        """Nothing: the page that follows shows by itself that it worked."""
