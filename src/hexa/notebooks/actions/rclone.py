"""How rclone, in a terminal, finds the drives: by the names that the explorer shows.

    rclone ls s3:malaria-team/raw        rclone copy results gcs:who-data/results

Its settings are variables, so that a person's own `rclone.conf` goes on beside them.
"""

from collections.abc import Mapping

from django.conf import settings

_S3 = {
    "type": "s3",
    "provider": "Other",
    "env_auth": "true",
    "list_version": "2",
    "list_url_encode": "true",
}
_GOOGLE = {
    "type": "google cloud storage",
    "env_auth": "true",
    "bucket_policy_only": "true",
}


def environment() -> dict[str, str]:
    at_hand = {
        "endpoint": settings.GATEWAY_ENDPOINT,
        "region": settings.STORE_REGION,
    }
    google = {"endpoint": f"{settings.GOOGLE_STORAGE_URL}/storage/v1/"}
    return _named("s3", _S3 | at_hand) | _named("gcs", _GOOGLE | google)


def _named(name: str, options: Mapping[str, str]) -> dict[str, str]:
    # Buckets are connected by admins; rclone would make the one it writes to.
    all_of_it = {**options, "no_check_bucket": "true"}
    return {
        f"RCLONE_CONFIG_{name}_{option}".upper(): value
        for option, value in all_of_it.items()
    }
