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


class KeyRefused(RefusedByStore):
    """The store refuses the key of this bucket; it may have been revoked. An admin of the workspace can enter another."""

    code = "KEY_REFUSED"


class PermissionMissing(RefusedByStore):
    """The store's account lacks the permission %(permission)s. Give it the role “%(role)s” on the bucket."""

    code = "PERMISSION_MISSING"


class NoServiceAccountKey(Invalid):
    """This is not the key of a Google service account. Paste the whole JSON file that Google gave you."""

    code = "NO_SERVICE_ACCOUNT_KEY"


class RequesterPays(Invalid):
    """The owner of this bucket lets those who ask pay. Name the Google project that is to be billed."""

    code = "REQUESTER_PAYS"


class BillingOff(Conflict):
    """Google serves this bucket to nobody while billing is switched off for its project."""

    code = "BILLING_OFF"


class InvalidForStore(Invalid):
    """The store does not accept this name or content."""

    code = "INVALID_FOR_STORE"


class EndpointNotAllowed(Invalid):
    """The operator of this platform does not allow stores at this address. Addresses inside its own network have to be named in HEXA_STORE_NETWORKS."""

    code = "ENDPOINT_NOT_ALLOWED"


class StoreOutage(Outage):
    """The file storage does not answer. Nothing was lost; try again in a moment."""

    code = "STORE_OUTAGE"


class WrongRegion(StoreOutage):
    """This bucket lies in another region than the platform was told: %(region)s. An admin of the workspace can correct it."""

    code = "WRONG_REGION"


class ClockSkewed(StoreOutage):
    """The clocks of the platform and of the store differ by more than 15 minutes, so the store trusts no request. Whoever runs the machine whose clock is wrong can set it."""

    code = "CLOCK_SKEWED"


class Untrusted(StoreOutage):
    """The store shows a certificate that the platform does not trust. An admin of the workspace can enter the authority that signed it."""

    code = "STORE_UNTRUSTED"
