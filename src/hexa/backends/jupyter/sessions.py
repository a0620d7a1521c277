"""What web says a session may have, before the hub starts it."""

import json
from dataclasses import dataclass
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from hexa.backends.sandbox.cages import Limits
from hexa.foundation.errors import Outage, PermissionDenied

_SECONDS = 30


@dataclass(frozen=True, slots=True)
class SessionTerms:
    home_id: int
    env: dict[str, str]
    token: str
    limits: Limits
    # The workspace's bucket as a folder; None where buckets cannot be mounted.
    workspace_folder: Path | None
    workspace_writable: bool
    language: str
    # By their names below /run/hexa, beside the token.
    files: dict[str, str]


async def ask_terms(
    web_url: str, *, service_token: str, handle: str, workspace: str
) -> SessionTerms:
    """Raises PermissionDenied with web's words for the person, or Outage."""
    try:
        answer = await AsyncHTTPClient().fetch(
            f"{web_url}/internal/sessions/environment/",
            method="POST",
            headers={
                "Authorization": f"token {service_token}",
                "Content-Type": "application/json",
            },
            body=json.dumps({"handle": handle, "workspace": workspace}),
            request_timeout=_SECONDS,
        )
    except HTTPClientError as error:
        if error.code == 403 and error.response is not None:
            raise PermissionDenied(_message(error.response.body)) from error
        raise Outage from error
    except OSError as error:
        raise Outage from error
    return _parsed(answer.body)


def _parsed(body: bytes) -> SessionTerms:
    told = json.loads(body)
    limits, folder = told["limits"], told["workspace_folder"]
    return SessionTerms(
        home_id=int(told["home_id"]),
        env={str(name): str(value) for name, value in told["env"].items()},
        token=str(told["token"]),
        limits=Limits(limits.get("memory_bytes"), limits.get("cpus")),
        workspace_folder=Path(folder) if folder else None,
        workspace_writable=told.get("workspace_writable", True) is True,
        language=str(told["language"]),
        files={str(name): str(text) for name, text in told.get("files", {}).items()},
    )


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return ""
