"""What can be done to drives and the files in them."""

from hexa.files.actions.buckets import (
    change,
    check,
    check_all,
    connect,
    disconnect,
    note,
    try_out,
)
from hexa.files.actions.drives import (
    StoreCredentials,
    link,
    mint,
    own_bucket,
    revoke,
)
from hexa.files.actions.google import GoogleToken, google_project, google_token
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
    "GoogleToken",
    "StoreCredentials",
    "cancel_upload",
    "change",
    "check",
    "check_all",
    "compare",
    "complete_upload",
    "connect",
    "delete",
    "disconnect",
    "forget",
    "google_project",
    "google_token",
    "link",
    "link_to_part",
    "make_folder",
    "mint",
    "note",
    "own_bucket",
    "part_bytes",
    "put",
    "revoke",
    "start_upload",
    "try_out",
    "undo",
    "upload",
]
