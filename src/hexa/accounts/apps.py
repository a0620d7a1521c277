from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from hexa.ui import navigation
from hexa.ui.icons import Icon


class AccountsConfig(AppConfig):
    name = "hexa.accounts"
    label = "accounts"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        navigation.register_account(
            navigation.Entry(
                _("Change password"),
                Icon("key-round"),
                "account_change_password",
                order=10,
            )
        )
