"""The drives of the session, opened with its credentials.

A drive that vanished, or whose access changed, is closed with the next check of the
session: its store is dropped together with the credentials it used.
"""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from obstore.store import GCSStore, ObjectStore, S3Store

from hexa_lab.credentials import CredentialSource
from hexa_lab.google import GoogleMarkers, GoogleTokens
from hexa_lab.markers import Markers
from hexa_lab.refusals import ReadOnlyDrive
from hexa_lab.session import Drive, Session, SessionClient

if TYPE_CHECKING:
    # These exist for type checkers only.
    from obstore.store import ClientConfig, GCSCredential, RetryConfig, S3Credential

_RETRY: "RetryConfig" = {
    "max_retries": 2,
    "retry_timeout": dt.timedelta(seconds=10),
}


@dataclass(frozen=True, slots=True)
class OpenDrive:
    """`markers` is None where the store keeps no empty folders."""

    drive: Drive
    store: ObjectStore
    markers: Markers | GoogleMarkers | None

    @property
    def is_writable(self) -> bool:
        return self.drive.access == "write"


class Drives:
    """Opens drives by name."""

    def __init__(
        self,
        session: SessionClient,
        credentials: CredentialSource,
        google: GoogleTokens,
        *,
        endpoint: str | None,
    ) -> None:
        self._session = session
        self._credentials = credentials
        self._google = google
        self._endpoint = endpoint
        self._open: dict[str, OpenDrive] = {}
        self._generation = -1

    async def open(self, name: str) -> OpenDrive:
        """Raises NoSuchDrive, SessionOver, PlatformDown, NoCredentials."""
        drive = await self._session.drive(name)
        # Fetched ahead of the store's own need, so that a refusal keeps its words.
        if drive.provider == "s3":
            await self._credentials.current()
        else:
            await self._google.current(drive.bucket)
        if self._generation != self._session.generation:
            self._open.clear()
            self._generation = self._session.generation
        if name not in self._open:
            self._open[name] = self._opened(drive, self._session.last)
        return self._open[name]

    async def open_to_write(self, name: str) -> OpenDrive:
        """As `open`, and raises ReadOnlyDrive."""
        opened = await self.open(name)
        if not opened.is_writable:
            raise ReadOnlyDrive(drive=name)
        return opened

    def _opened(self, drive: Drive, session: Session) -> OpenDrive:
        if drive.provider == "gcs":
            return self._opened_at_google(drive)
        endpoint = drive.endpoint or self._endpoint or session.endpoint
        if endpoint is None:
            endpoint = f"https://s3.{session.region}.amazonaws.com"
        store = S3Store(
            drive.bucket,
            prefix=drive.prefix or None,
            endpoint=endpoint,
            region=session.region,
            virtual_hosted_style_request=False,
            credential_provider=self._provide,
            client_options=_client_options(endpoint),
            retry_config=_RETRY,
        )
        markers = Markers(
            f"{drive.bucket}/{drive.prefix}",
            endpoint=endpoint,
            region=session.region,
            credentials=self._credentials,
        )
        return OpenDrive(drive, store, markers)

    def _opened_at_google(self, drive: Drive) -> OpenDrive:
        endpoint = drive.endpoint or "https://storage.googleapis.com"

        async def provide() -> "GCSCredential":
            return await self._google.current(drive.bucket)

        store = GCSStore(
            drive.bucket,
            prefix=drive.prefix or None,
            config={"base_url": endpoint},
            credential_provider=provide,
            client_options={
                **_client_options(endpoint),
                "default_headers": (
                    {"x-goog-user-project": drive.payer} if drive.payer else {}
                ),
            },
            retry_config=_RETRY,
        )
        base = f"{endpoint}/{drive.bucket}/{drive.prefix}"
        markers = GoogleMarkers(base, drive.bucket, self._google, payer=drive.payer)
        return OpenDrive(drive, store, markers)

    async def _provide(self) -> "S3Credential":
        credentials = await self._credentials.current()
        return {
            "access_key_id": credentials.id,
            "secret_access_key": credentials.secret,
            "token": credentials.token,
            "expires_at": credentials.expires_at,
        }


def _client_options(endpoint: str) -> "ClientConfig":
    return {
        "allow_http": endpoint.startswith("http://"),
        "connect_timeout": "3s",
        "read_timeout": "30s",
        # The default of 30 s for a whole request would cut big transfers.
        "timeout": "6h",
    }
