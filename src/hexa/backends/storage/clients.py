"""What every call to an S3 store goes through: its clients, made once."""

import datetime as dt
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.session import Session, get_session
from botocore.utils import parse_timestamp
from obstore.store import S3Store as Objects

from hexa.backends.storage.reach import Reach

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sts.client import STSClient

# botocore may not make two clients at once; using one from many threads is fine.
_MAKING = threading.Lock()


def _moment(told: Any) -> dt.datetime:
    """As stores write it in listings; botocore's own guess costs more than the rest."""
    if isinstance(told, str) and told.endswith("Z"):
        with suppress(ValueError):
            return dt.datetime.fromisoformat(told)
    return parse_timestamp(told)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a store is spoken to, where it is not our own.

    `authority` is PEM, trusted instead of the system's; `pays_requests` accepts that the
    bucket charges whoever asks. With a `reach` nothing else is ever connected to.
    """

    is_path_style: bool = True
    authority: str = ""
    pays_requests: bool = False
    reach: Reach | None = None
    connect_s: int = 3
    read_s: int = 60
    attempts: int = 3

    def config(self) -> Config:
        return Config(
            signature_version="s3v4",  # v2 signs names outside ASCII wrongly
            s3={"addressing_style": "path" if self.is_path_style else "virtual"},
            connect_timeout=self.connect_s,
            read_timeout=self.read_s,
            retries={"mode": "standard", "total_max_attempts": self.attempts},
            max_pool_connections=32,
            # Stores of others need not know Amazon's newer checksums.
            request_checksum_calculation=self._checksums,
            response_checksum_validation=self._checksums,
        )

    @property
    def _checksums(self) -> Literal["when_supported", "when_required"]:
        return "when_required" if self.reach else "when_supported"


@dataclass(frozen=True)
class Clients:
    """A store at `endpoint`, reached with the platform's own key, or a lent one.

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
    token: str = field(default="", repr=False)
    manner: Manner = Manner()
    # Another that signs the links to what is kept here.
    links: "Clients | None" = None
    _held: list[Any] = field(
        default_factory=list, init=False, repr=False, compare=False
    )
    _objects: dict[str, Objects] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    # Each takes 50 ms to make, and is usable from any thread.

    @cached_property
    def _s3(self) -> "S3Client":
        made: S3Client = self._client("s3", self.endpoint)
        return made

    @cached_property
    def _signer(self) -> "S3Client":
        made: S3Client = self._client("s3", self._host)
        return made

    @cached_property
    def _sts(self) -> "STSClient":
        made: STSClient = self._client("sts", self._sts_endpoint)
        return made

    def _client(self, service: Literal["s3", "sts"], endpoint: str) -> Any:
        config = self.manner.config()
        if service == "sts":
            config = config.merge(Config(signature_version="v4"))
        with _MAKING:
            client: Any = self._session.create_client(
                service,
                region_name=self.region,
                endpoint_url=endpoint,
                config=config,
                verify=self._trusted,
                aws_access_key_id=self.access_key_id,
                aws_secret_access_key=self.secret_access_key,
                aws_session_token=self.token or None,
            )
        if self.manner.reach:
            self.manner.reach.hold(client)
        if self.manner.pays_requests:
            client.meta.events.register("before-sign.s3", _pay)
        return client

    @cached_property
    def _trusted(self) -> "str | None":
        """A file of certificates, where others than the system's are to be trusted."""
        if not self.manner.authority:
            return None
        self._held.append(tempfile.NamedTemporaryFile("w", suffix=".pem"))  # noqa: SIM115 # lives as long as the clients
        self._held[-1].write(self.manner.authority)
        self._held[-1].flush()
        return str(self._held[-1].name)

    @property
    def _sts_endpoint(self) -> str:
        """A store of ours answers for both; Amazon has another name for each."""
        host = urlsplit(self.endpoint).hostname or ""
        if host.endswith(".amazonaws.com"):
            return f"https://sts.{self.region}.amazonaws.com"
        return self.endpoint

    @property
    def _session(self) -> Session:
        session = get_session()
        parsers = session.get_component("response_parser_factory")
        parsers.set_parser_defaults(timestamp_parser=_moment)
        return session

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


def _pay(request: Any, **_: Any) -> None:
    request.headers["x-amz-request-payer"] = "requester"
