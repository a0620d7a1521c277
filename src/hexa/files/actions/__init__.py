"""What can be done to drives and the files in them."""

from hexa.files.actions.buckets import (
    change,
    check,
    connect,
    disconnect,
    note,
    try_out,
)
from hexa.files.actions.changes import (
    copy,
    delete,
    dismiss,
    move,
    rename,
    stop,
    undo,
)
from hexa.files.actions.drives import (
    StoreCredentials,
    forget_ended,
    link,
    mint,
    own_bucket,
    revoke,
)
from hexa.files.actions.google import GoogleToken, google_project, google_token
from hexa.files.actions.history import put_back, restore
from hexa.files.actions.indexing import compare, forget
from hexa.files.actions.objects import make_folder, put
from hexa.files.actions.offers import (
    Offer,
    Parted,
    Refused,
    Taken,
    Whole,
    Wish,
    link_to_file,
    offer,
    part_bytes,
    refused_names,
    resume,
)
from hexa.files.actions.targets import Destination, IfTaken
from hexa.files.actions.uploads import (
    abort_abandoned,
    cancel_upload,
    complete_upload,
    link_to_part,
    note_stored,
    upload,
)

__all__ = [
    "Destination",
    "GoogleToken",
    "IfTaken",
    "Offer",
    "Parted",
    "Refused",
    "StoreCredentials",
    "Taken",
    "Whole",
    "Wish",
    "abort_abandoned",
    "cancel_upload",
    "change",
    "check",
    "compare",
    "complete_upload",
    "connect",
    "copy",
    "delete",
    "disconnect",
    "dismiss",
    "forget",
    "forget_ended",
    "google_project",
    "google_token",
    "link",
    "link_to_file",
    "link_to_part",
    "make_folder",
    "mint",
    "move",
    "note",
    "note_stored",
    "offer",
    "own_bucket",
    "part_bytes",
    "put",
    "put_back",
    "refused_names",
    "rename",
    "restore",
    "resume",
    "revoke",
    "stop",
    "try_out",
    "undo",
    "upload",
]
