"""How Google's clients in a session find tokens, with nothing typed.

They read a configuration of "external_account" credentials, as a program at another
cloud has one: it names a file with a token of that cloud's, here the session's, and the
address where this is exchanged for an access token, here ours. gcsfs,
google-cloud-storage, pyarrow and whatever else stands on Google's libraries ask again
before a token ends.
"""

import json
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone

from hexa.files import actions as files
from hexa.foundation.errors import Outage, Refusal
from hexa.notebooks.models import Session
from hexa.workspaces.models import Workspace

FILE = "google.json"
#: What stands for a Google project where no bucket is connected: clients ask for one.
NO_PROJECT = "openhexa"
_AUDIENCE = "gs://"
_GOOGLES_OWN = "https://storage.googleapis.com"
#: What clients are told, so that they ask again within the minute in which a change of
# role must hold: Google's library renews 225 seconds before the end. The token itself
# lives on; Google takes none back.
TOLD_LIFE_S = 280


@dataclass(frozen=True, slots=True)
class Given:
    token: str = field(repr=False)
    expires_in_s: int


def configuration() -> str:
    return json.dumps(
        {
            "type": "external_account",
            "audience": _AUDIENCE,
            "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "token_url": f"{settings.SERVER_URL}/api/session/google/token/",
            "credential_source": {"file": "/run/hexa/token"},
        }
    )


def environment(workspace: Workspace) -> dict[str, str]:
    try:
        project = files.google_project(workspace)
    except (Refusal, Outage):
        project = ""
    return {
        "GOOGLE_APPLICATION_CREDENTIALS": f"/run/hexa/{FILE}",
        "GOOGLE_CLOUD_PROJECT": project or NO_PROJECT,
        # Looks for a kind of bucket by a permission that our tokens do not have.
        "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",
        **_elsewhere(settings.GOOGLE_STORAGE_URL),
    }


def _elsewhere(url: str) -> dict[str, str]:
    """Where Google answers at an address of the operator's: who reads which name.

    google-cloud-storage the first, gcsfs the next two, pyarrow the fourth (its name
    says emulator, but tokens are sent), obstore the others.
    """
    if url == _GOOGLES_OWN:
        return {}
    names = (
        "API_ENDPOINT_OVERRIDE",
        "FSSPEC_GS_ENDPOINT_URL",
        "FSSPEC_GCS_ENDPOINT_URL",
        "CLOUD_STORAGE_EMULATOR_ENDPOINT",
        "GOOGLE_BASE_URL",
    )
    is_plain = {"GOOGLE_ALLOW_HTTP": "true"} if url.startswith("http:") else {}
    return dict.fromkeys(names, url) | is_plain


def exchange(session: Session, *, audience: str) -> Given:
    """`audience` is `gs://`, or `gs://<bucket>` for that one alone."""
    made = files.google_token(
        session.workspace,
        reader=session.person,
        bucket=audience.removeprefix(_AUDIENCE).partition("/")[0],
    )
    left = int((made.expires_at - timezone.now()).total_seconds())
    return Given(made.value, min(left, TOLD_LIFE_S))
