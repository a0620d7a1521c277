from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from hexa.ui import navigation
from hexa.ui.icons import Icon
from hexa.workspaces import hooks


class FilesConfig(AppConfig):
    name = "hexa.files"
    label = "files"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can be imported only once every app is loaded.
        from hexa.files.actions.drives import BucketProvisioner  # noqa: PLC0415

        hooks.provisioners.append(BucketProvisioner())
        navigation.register(
            navigation.Entry(_("Files"), Icon("folder"), "files", order=20, key="f")
        )
