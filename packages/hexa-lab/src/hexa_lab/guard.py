"""The save guard: nobody overwrites what they never saw.

Lab compares hashes before it saves, but between its look and its write a colleague may
write as well. So a save carries the version that this session saw last, and the store
itself refuses when there is a newer one. Whoever was told may save again and overwrite:
the bucket keeps the earlier version.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import obstore

from hexa_lab import objects
from hexa_lab.drives import OpenDrive
from hexa_lab.places import Place
from hexa_lab.refusals import AlreadyThere, Changed, store_errors

if TYPE_CHECKING:  # obstore has these for type checkers only
    from obstore import ObjectMeta, PutMode, PutResult, UpdateVersion


_REMEMBERED = 10_000


class SaveGuard:
    """Remembers, per place, the version seen last; None where nothing was."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Place, UpdateVersion | None] = OrderedDict()

    def saw(self, place: Place, meta: ObjectMeta | PutResult) -> None:
        self._remember(place, {"e_tag": meta["e_tag"], "version": meta["version"]})

    def looked(self, place: Place, *, is_there: bool) -> None:
        """Told by Lab's question whether a file exists, which shows nobody its content."""
        if not is_there:
            self._remember(place, None)
        elif self._seen.get(place, {}) is None:
            del self._seen[place]

    def forget(self, place: Place) -> None:
        for seen in [seen for seen in self._seen if place.holds(seen)]:
            del self._seen[seen]

    async def write(self, opened: OpenDrive, place: Place, body: bytes) -> None:
        """Raises Changed or AlreadyThere, and lets the next attempt overwrite."""
        try:
            with store_errors(place.key):
                put = await obstore.put_async(
                    opened.store, place.key, body, mode=self._mode(place)
                )
        except (Changed, AlreadyThere):
            meta = await objects.find(opened, place.key)
            if meta is None:
                self._remember(place, None)
            else:
                self.saw(place, meta)
            raise
        self.saw(place, put)

    def _mode(self, place: Place) -> PutMode:
        if place not in self._seen:
            return "overwrite"
        return self._seen[place] or "create"

    def _remember(self, place: Place, version: UpdateVersion | None) -> None:
        self._seen[place] = version
        self._seen.move_to_end(place)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
