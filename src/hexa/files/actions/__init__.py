"""What can be done to drives and the files in them."""

from hexa.files.actions.drives import (
    StoreCredentials,
    link,
    mint,
    own_bucket,
    revoke,
)
from hexa.files.actions.indexing import compare, forget
from hexa.files.actions.objects import delete, make_folder, put, undo
from hexa.files.actions.uploads import (
    cancel_upload,
    complete_upload,
    link_to_part,
    part_bytes,
    start_upload,
    upload,
)

__all__ = [
    "StoreCredentials",
    "cancel_upload",
    "compare",
    "complete_upload",
    "delete",
    "forget",
    "link",
    "link_to_part",
    "make_folder",
    "mint",
    "own_bucket",
    "part_bytes",
    "put",
    "revoke",
    "start_upload",
    "undo",
    "upload",
]
