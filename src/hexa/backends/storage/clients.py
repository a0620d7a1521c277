"""What every call to an S3 store goes through: its clients, made once."""

import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from obstore.store import S3Store as Objects

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sts.client import STSClient

_CONFIG = Config(
    signature_version="s3v4",  # v2 signs names outside ASCII wrongly
    s3={"addressing_style": "path"},
    connect_timeout=3,
    read_timeout=60,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=32,
)
# boto3 may not make two clients at once; using one from many threads is fine.
_MAKING = threading.Lock()


@dataclass(frozen=True)
class Clients:
    """A store at `endpoint`, reached with the platform's own key.

    `public_url` is where browsers find it, if not at the endpoint; it may have a path
    that whatever stands in front takes away. `origin` is that of the platform's pages.
    """

    endpoint: str
    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    role_arn: str
    origin: str
    public_url: str = ""
    _objects: dict[str, Objects] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    # Each takes 50 ms to make, and is usable from any thread.

    @cached_property
    def _s3(self) -> "S3Client":
        with _MAKING:
            return self._session.client(
                "s3", endpoint_url=self.endpoint, config=_CONFIG
            )

    @cached_property
    def _signer(self) -> "S3Client":
        with _MAKING:
            return self._session.client("s3", endpoint_url=self._host, config=_CONFIG)

    @cached_property
    def _sts(self) -> "STSClient":
        config = _CONFIG.merge(Config(signature_version="v4"))
        with _MAKING:
            return self._session.client(
                "sts", endpoint_url=self.endpoint, config=config
            )

    @property
    def _session(self) -> boto3.session.Session:
        return boto3.session.Session(
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
            region_name=self.region,
        )

    @property
    def _host(self) -> str:
        """Where a browser's request says it goes, without any path."""
        scheme, host = urlsplit(self.public_url or self.endpoint)[:2]
        return f"{scheme}://{host}"

    def _of(self, bucket: str) -> Objects:
        if bucket not in self._objects:
            self._objects[bucket] = Objects(
                bucket,
                endpoint=self.endpoint,
                region=self.region,
                access_key_id=self.access_key_id,
                secret_access_key=self.secret_access_key,
                virtual_hosted_style_request=False,
                client_options={"allow_http": self.endpoint.startswith("http:")},
            )
        return self._objects[bucket]
