"""The tables of the index: what the platform remembers of drives, to search and sort.

Everything in them can be read anew from the stores.
"""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models


class DriveIndex(models.Model):
    """How far the index of a drive has come.

    A sweep reads the drive's whole listing, a page at a time, and notes where it is:
    the first builds the index, later ones heal it. Rows it has seen carry its number.
    """

    drive = models.OneToOneField(
        "files.Drive", on_delete=models.CASCADE, primary_key=True, related_name="index"
    )
    # Files in the index now; and about how many there will be, where that is known.
    files = models.BigIntegerField(default=0)
    expected_files = models.BigIntegerField(default=0)
    # End of the last whole sweep; null: the first one is not over.
    swept_at = models.DateTimeField(null=True)
    sweep = models.SmallIntegerField(default=1)
    sweep_started_at = models.DateTimeField(null=True)
    sweep_after = models.TextField(default="")
    due_at = models.DateTimeField(db_index=True)

    objects: ClassVar[models.Manager["DriveIndex"]] = models.Manager()

    def __str__(self) -> str:
        return f"index of drive {self.drive_id}"

    @property
    def is_whole(self) -> bool:
        return self.swept_at is not None


class IndexEntry(models.Model):
    """What the index knows of one file or folder. Written in bulk by `actions.entries`."""

    class Kind(models.IntegerChoices):
        FOLDER = 0
        FILE = 1

    # A drive goes at once; its rows, perhaps millions, go bit by bit behind it.
    drive = models.ForeignKey(
        "files.Drive",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    # "" or "data/2026/"; sorted by bytes, as stores do.
    folder = models.TextField(db_collation="C")
    name = models.TextField(db_collation="C")
    kind = models.SmallIntegerField(choices=Kind)
    size_bytes = models.BigIntegerField(default=0)
    # Of a folder: only where it was made by hand, and is there without any file.
    modified_at = models.DateTimeField(null=True)
    etag = models.TextField(default="")
    # Name and folder without accents and capitals (`queries.words`).
    words = models.TextField(db_collation="C")
    folder_words = models.TextField(db_collation="C")
    sweep = models.SmallIntegerField(default=0)

    objects: ClassVar[models.Manager["IndexEntry"]] = models.Manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["drive", "folder", "name", "kind"], name="entry_once_per_drive"
            ),
            models.CheckConstraint(
                name="entry_kind_known", condition=models.Q(kind__in=(0, 1))
            ),
        )
        indexes = (
            models.Index(
                fields=["drive", "folder", "kind", "size_bytes", "name"],
                name="entry_by_size",
            ),
            models.Index(
                fields=["drive", "folder", "kind", "modified_at", "name"],
                name="entry_by_date",
            ),
            # With all that searches compare, so that they need not look at the rows.
            models.Index(
                fields=["drive", "words", "id"],
                include=["folder_words"],
                name="entry_by_words",
            ),
            # All in one, so that other drives' hits cost nothing.
            GinIndex(
                fields=["drive", "words", "folder_words"],
                opclasses=["int8_ops", "gin_trgm_ops", "gin_trgm_ops"],
                name="entry_trigrams",
            ),
        )

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        end = "/" if self.kind == self.Kind.FOLDER else ""
        return f"{self.folder}{self.name}{end}"


class FeedPosition(models.Model):
    """How far the changes of the platform's own store have been followed.

    One row. `holder` is the worker that follows; when it dies, another takes over.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    # Of the last change noted, in the store's nanoseconds; 0: none yet.
    at_ns = models.BigIntegerField(default=0)
    # Changes from here on are to be read once more; 0: none.
    again_from_ns = models.BigIntegerField(default=0)
    holder = models.CharField(max_length=64, default="")
    held_until = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["FeedPosition"]] = models.Manager()

    class Meta:
        constraints = (
            models.CheckConstraint(name="one_feed", condition=models.Q(id=1)),
        )

    def __str__(self) -> str:
        return f"changes up to {self.at_ns}"
