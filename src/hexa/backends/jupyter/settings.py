"""What the hub is told by the supervisor, in a file of mode 0600."""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self, get_type_hints


@dataclass(frozen=True, slots=True)
class HubSettings:
    # https://data.example.org, without a slash at the end
    public_url: str
    hub_port: int
    web_port: int
    proxy_api_url: str
    proxy_token: str
    # Who knows it is the platform's web: it calls the hub, and the hub calls it.
    service_token: str
    oidc_client_id: str
    oidc_client_secret: str
    # SQLAlchemy's form: postgresql+psycopg2://…
    db_url: str
    # 32 bytes in hexadecimal
    crypt_key: str
    cookie_secret_file: Path
    keeper_socket: Path
    lab_env: Path
    default_env: Path
    home_root: Path
    # The hub's own folder; what it makes for sandboxes to read lies here.
    hub_folder: Path
    log_level: str = "INFO"

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises OSError, ValueError, or KeyError that names what is missing."""
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        hints = get_type_hints(cls)
        known = {field.name for field in fields(cls)}
        given = {
            name: hints[name](value) for name, value in stored.items() if name in known
        }
        for field in fields(cls):
            if field.name not in given and field.name != "log_level":
                raise KeyError(field.name)
        return cls(**given)

    @property
    def web_url(self) -> str:
        """Where web answers on the loopback."""
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def kernels_folder(self) -> Path:
        return self.hub_folder / "jupyter"
