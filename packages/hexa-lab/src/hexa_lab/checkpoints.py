"""Checkpoints of the home; a drive has none, its bucket keeps versions instead."""

import datetime as dt

from jupyter_server.services.contents.filecheckpoints import AsyncFileCheckpoints
from jupyter_server.services.contents.manager import ContentsManager

from hexa_lab.models import Model
from hexa_lab.places import Place
from hexa_lab.refusals import BadRequest, answer


class HomeCheckpoints(AsyncFileCheckpoints):
    """Answers Lab's checkpoint after every save in a drive without making one."""

    async def create_checkpoint(
        self, contents_mgr: ContentsManager, path: str
    ) -> Model:
        if Place.of(path).drive is None:
            made: Model = await super().create_checkpoint(contents_mgr, path)
            return made
        now = dt.datetime.now(dt.UTC)
        return {"id": "version", "last_modified": now}

    async def list_checkpoints(self, path: str) -> list[Model]:
        if Place.of(path).drive is not None:
            return []
        found: list[Model] = await super().list_checkpoints(path)
        return found

    async def restore_checkpoint(
        self, contents_mgr: ContentsManager, checkpoint_id: str, path: str
    ) -> None:
        if Place.of(path).drive is not None:
            why = "versions of a file in a drive are restored on the Files page"
            raise answer(BadRequest(why=why), "en")
        await super().restore_checkpoint(contents_mgr, checkpoint_id, path)

    async def delete_checkpoint(self, checkpoint_id: str, path: str) -> None:
        if Place.of(path).drive is None:
            await super().delete_checkpoint(checkpoint_id, path)

    async def rename_checkpoint(
        self, checkpoint_id: str, old_path: str, new_path: str
    ) -> None:
        if Place.of(new_path).drive is None:
            await super().rename_checkpoint(checkpoint_id, old_path, new_path)
        else:
            await super().delete_checkpoint(checkpoint_id, old_path)
