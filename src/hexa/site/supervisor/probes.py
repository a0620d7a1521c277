"""Asking a component whether it does its work, over what its users use."""

import asyncio
from pathlib import Path

_PATIENCE_S = 3.0


async def http_status(port: int, path: str, *, address: str = "127.0.0.1") -> int:
    """Status of a GET, 0 when there is no answer."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            reader, writer = await asyncio.open_connection(address, port)
            return await _get(reader, writer, path)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return 0


async def answers(port: int, path: str, *, address: str = "127.0.0.1") -> bool:
    return 200 <= await http_status(port, path, address=address) < 400


async def listens(socket: Path) -> bool:
    """Whether a UNIX socket takes connections."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            _, writer = await asyncio.open_unix_connection(socket)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _get(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str
) -> int:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    try:
        writer.write(request.encode())
        await writer.drain()
        line = await reader.readline()
    finally:
        writer.close()
    parts = line.split()
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
