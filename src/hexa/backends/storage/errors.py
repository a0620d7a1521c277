"""What a store refuses, in the words of its users."""

from hexa.foundation.errors import Conflict, Invalid, NotFound, Outage, PermissionDenied


class ObjectNotFound(NotFound):
    """There is no such file. It may have been moved or deleted."""

    code = "OBJECT_NOT_FOUND"


class BucketNotFound(NotFound):
    """There is no such bucket."""

    code = "BUCKET_NOT_FOUND"


class BucketExists(Conflict):
    """A bucket of this name exists already."""

    code = "BUCKET_EXISTS"


class ObjectExists(Conflict):
    """There is a file of this name already. Nothing was changed."""

    code = "OBJECT_EXISTS"


class ObjectChanged(Conflict):
    """Somebody changed this file in the meantime. Their change is kept, yours was not made; look again."""

    code = "OBJECT_CHANGED"


class PolicyNotFound(NotFound):
    """This bucket has no policy."""

    code = "POLICY_NOT_FOUND"


class UploadNotFound(NotFound):
    """This upload is over: it was finished, cancelled or left for too long. Start it again."""

    code = "UPLOAD_NOT_FOUND"


class UploadIncomplete(Conflict):
    """The upload did not arrive whole. Nothing was changed; start it again."""

    code = "UPLOAD_INCOMPLETE"


class Altered(Conflict):
    """What arrived is not what was sent: it was altered on the way. Nothing was changed; send it again."""

    code = "ALTERED"


class RefusedByStore(PermissionDenied):
    """The store does not allow this."""

    code = "REFUSED_BY_STORE"


class InvalidForStore(Invalid):
    """The store does not accept this name or content."""

    code = "INVALID_FOR_STORE"


class StoreOutage(Outage):
    """The file storage does not answer. Nothing was lost; try again in a moment."""

    code = "STORE_OUTAGE"
