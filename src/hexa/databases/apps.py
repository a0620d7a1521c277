from django.apps import AppConfig

from hexa.workspaces import hooks


class DatabasesConfig(AppConfig):
    name = "hexa.databases"
    label = "databases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can be imported only once every app is loaded.
        from hexa.databases.actions import DatabaseProvisioner  # noqa: PLC0415

        hooks.provisioners.append(DatabaseProvisioner())
