from functools import cache

from django.conf import settings

from hexa.backends.storage.s3 import S3
from hexa.backends.storage.seaweedfs import ROLE_ARN
from hexa.backends.storage.store import ObjectStore
from hexa.files.models import Drive


def store_of(drive: Drive) -> ObjectStore:  # noqa: ARG001 # until buckets elsewhere are connected
    """Where the bucket of this drive is kept."""
    return own_store()


@cache
def own_store() -> ObjectStore:
    """The store of the workspaces' own buckets."""
    return S3(
        endpoint=settings.STORE_ENDPOINT,
        region=settings.STORE_REGION,
        access_key_id=settings.STORE_ADMIN_ID,
        secret_access_key=settings.STORE_ADMIN_SECRET,
        role_arn=ROLE_ARN,
        origin=settings.PUBLIC_URL,
        public_url=settings.STORE_PUBLIC_URL,
    )
