from django.apps import AppConfig
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hexa.ui import navigation, palette
from hexa.ui.icons import Icon
from hexa.workspaces import hooks


class FilesConfig(AppConfig):
    name = "hexa.files"
    label = "files"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can be imported only once every app is loaded.
        from hexa.accounts.models import User  # noqa: PLC0415
        from hexa.files.actions.drives import BucketProvisioner  # noqa: PLC0415
        from hexa.files.queries import links, search  # noqa: PLC0415

        def files(request: HttpRequest, words: str) -> palette.Group:
            """Of all one's workspaces."""
            assert isinstance(request.user, User), "the palette is for @people"
            hits = search.everywhere(words, most=palette.MOST_HITS, by=request.user)
            return palette.Group(
                gettext("Files"),
                [
                    palette.Hit(
                        hit.name,
                        hit.drive.url_of(hit.key),
                        Icon("folder" if hit.is_folder else "file"),
                        f"{hit.drive.workspace.name} · {hit.folder or hit.drive.name}",
                    )
                    for hit in hits
                ],
            )

        hooks.provisioners.append(BucketProvisioner())
        hooks.followers.append(links.Links)
        palette.register(files)
        navigation.register(
            navigation.Entry(_("Files"), Icon("folder"), "files", order=20, key="f")
        )
