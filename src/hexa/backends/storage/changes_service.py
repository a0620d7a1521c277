"""Tells the platform what changes in its embedded store.

    python -m hexa.backends.storage.changes_service --config run/changes.json

It alone, under the store's uid, holds the certificate that the store's inner parts ask
for; whoever asks on the socket hears of changes and can do nothing else. The store keeps
its log on disk, written out every minute and when it stops: a listener that was away
begins where it left off.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import grpc
import grpc.aio

from hexa.backends.sandbox.lines import stranger, to_line
from hexa.backends.storage import filer_events
from hexa.backends.storage.certificate_files import CertificateFiles

log = logging.getLogger(__name__)

_METHOD = "/filer_pb.SeaweedFiler/SubscribeMetadata"
_PAUSE_S = 1.0
_LARGEST_MESSAGE = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Settings:
    """Read from the file, of mode 0600, that the supervisor writes."""

    socket: Path
    tls: Path
    port: int
    callers: frozenset[int]
    log_level: str = "INFO"

    @classmethod
    def read(cls, path: Path) -> Self:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            socket=Path(stored["socket"]),
            tls=Path(stored["tls"]),
            port=stored["port"],
            callers=frozenset(stored["callers"]),
            log_level=stored.get("log_level", "INFO"),
        )


class ChangesService:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients = 0
        self._serving: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serves until asked to stop."""
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        path = self._settings.socket
        path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._accept, path)
        path.chmod(0o666)  # each caller is asked who it is
        await stopping.wait()
        server.close()
        path.unlink(missing_ok=True)
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if stranger(writer, self._settings.callers):
            writer.close()
            return
        with contextlib.suppress(ConnectionError, ValueError, KeyError):
            asked = json.loads(await reader.readline())
            tasks = {
                asyncio.create_task(self._tell(writer, int(asked["since"]))),
                asyncio.create_task(reader.read()),  # ends when the caller leaves
            }
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        writer.close()

    async def _tell(self, writer: asyncio.StreamWriter, since_ns: int) -> None:
        """Goes on over deaths of the store, saying that it died."""
        while True:
            try:
                async for message in self._messages(since_ns):
                    lines = filer_events.read(message)
                    since_ns = lines[-1]["at"]
                    writer.write(b"".join(map(to_line, lines)))
                    await writer.drain()
            except grpc.aio.AioRpcError as error:
                log.warning("store away", extra={"cause": error.code().name})
            writer.write(to_line({"lost": True}))
            await writer.drain()
            await asyncio.sleep(_PAUSE_S)

    async def _messages(self, since_ns: int) -> AsyncIterator[bytes]:
        certificates = CertificateFiles(self._settings.tls)
        credentials = await asyncio.to_thread(_credentials, certificates)
        options = [("grpc.max_receive_message_length", _LARGEST_MESSAGE)]
        self._clients += 1
        request = filer_events.subscription(
            since_ns, client=os.getpid() * 1000 + self._clients % 1000
        )
        async with grpc.aio.secure_channel(
            f"127.0.0.1:{self._settings.port}", credentials, options
        ) as channel:
            call: grpc.aio.UnaryStreamMultiCallable[bytes, bytes]
            call = channel.unary_stream(_METHOD)
            async for message in call(request):
                yield message


def _credentials(certificates: CertificateFiles) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(
        certificates.authority.read_bytes(),
        private_key=certificates.key.read_bytes(),
        certificate_chain=certificates.certificate.read_bytes(),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    settings = Settings.read(parser.parse_args().config)
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(message)s"
    )
    asyncio.run(ChangesService(settings).run())


if __name__ == "__main__":
    main()
