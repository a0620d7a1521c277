"""What the vendors' libraries raise, said in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

import obstore.exceptions
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, SSLError

from hexa.backends.storage import errors
from hexa.foundation.errors import Outage, Refusal

_REFUSALS: dict[str, type[Refusal]] = {
    "404": errors.ObjectNotFound,
    "NoSuchKey": errors.ObjectNotFound,
    "NoSuchVersion": errors.ObjectNotFound,
    "NoSuchBucket": errors.BucketNotFound,
    "NoSuchUpload": errors.UploadNotFound,
    "PreconditionFailed": errors.ObjectChanged,
    "412": errors.ObjectChanged,
    "ConditionalRequestConflict": errors.ObjectChanged,
    "NoSuchBucketPolicy": errors.PolicyNotFound,
    "BucketAlreadyExists": errors.BucketExists,
    "BucketAlreadyOwnedByYou": errors.BucketExists,
    "BadDigest": errors.Altered,
    "InvalidPart": errors.UploadIncomplete,
    "InvalidPartOrder": errors.UploadIncomplete,
    "EntityTooSmall": errors.UploadIncomplete,
    "AccessDenied": errors.RefusedByStore,
    "403": errors.RefusedByStore,
    "InvalidAccessKeyId": errors.KeyRefused,
    "InvalidClientTokenId": errors.KeyRefused,
    "SignatureDoesNotMatch": errors.KeyRefused,
    "InvalidToken": errors.KeyRefused,
    "ExpiredToken": errors.KeyRefused,
}
_ELSEWHERE = {"PermanentRedirect", "AuthorizationHeaderMalformed", "301", "307"}
_SKEWED = {"RequestTimeTooSkewed", "RequestInTheFuture"}


@contextmanager
def translated() -> Iterator[None]:
    """Raises a Refusal or an Outage in place of what the library raised."""
    try:
        yield
    except ClientError as error:
        raise said(error) from error
    except BotoCoreError as error:
        raise _unanswered(error) from error
    except FileNotFoundError as error:  # obstore's NotFoundError is one
        raise errors.ObjectNotFound from error
    except (
        obstore.exceptions.PermissionDeniedError,
        obstore.exceptions.UnauthenticatedError,
    ) as error:
        raise errors.RefusedByStore from error
    except obstore.exceptions.BaseError as error:
        raise errors.StoreOutage from error


@contextmanager
def said_of_the_target(replacing: str | None) -> Iterator[None]:
    """Where the only condition was on what is replaced, tells whether it was nothing.

    A store does not say which condition failed, nor what it found.
    """
    try:
        yield
    except ClientError as error:
        if replacing is None and isinstance(said(error), errors.ObjectChanged):
            raise errors.ObjectExists from error
        raise


def _unanswered(error: Exception) -> Refusal | Outage:
    if isinstance(error, SSLError):
        return errors.Untrusted()
    if isinstance(error, HTTPClientError):
        # What was raised while connecting comes wrapped.
        inner = error.kwargs.get("error")
        if isinstance(inner, errors.EndpointNotAllowed):
            return inner
    return errors.StoreOutage()


def said(error: ClientError) -> Refusal | Outage:
    code = str(error.response.get("Error", {}).get("Code", ""))
    about = error.response.get("ResponseMetadata", {})
    status = about.get("HTTPStatusCode", 0)
    if code in _ELSEWHERE:
        headers = about.get("HTTPHeaders", {})
        told = error.response.get("Error", {})
        region = headers.get("x-amz-bucket-region") or told.get("Region") or "?"
        return errors.WrongRegion(region=region)
    if code in _SKEWED:
        return errors.ClockSkewed()
    if refusal := _REFUSALS.get(code):
        return refusal()
    if 400 <= status < 500 and status != 429:
        return errors.InvalidForStore()
    return errors.StoreOutage()
