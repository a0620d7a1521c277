"""Policies of the store: what a session may do, and which sessions may no more.

A session never gets `s3:*`: with it it could lift the bucket's own policy, by which
it is to be shut out, or erase versions, by which deletion is undone.
"""

import json
from collections.abc import Collection, Sequence

from hexa.backends.storage.store import Grant

_READ = ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging")
_WRITE = (
    "s3:PutObject",
    "s3:PutObjectTagging",
    "s3:DeleteObject",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
)
_LIST = ("s3:ListBucket", "s3:ListBucketVersions")
_LIST_UPLOADS = ("s3:ListBucketMultipartUploads",)
_ABOUT = ("s3:GetBucketLocation", "s3:GetBucketVersioning")

# A bucket's policy may have 20 480 characters, an entry at most 110.
MOST_SHUT_OUT = 150


def session_policy(grants: Sequence[Grant]) -> str:
    statements = [part for grant in grants for part in _allow(grant)]
    if not statements:
        statements = [_statement("Deny", ["s3:*"], ["arn:aws:s3:::*"])]
    return _document(statements)


def shutting_out(bucket: str, sessions: Collection[str], *, role_arn: str) -> str:
    """Where they are too many for one policy, everyone's session is refused."""
    names = sorted(sessions) if len(sessions) <= MOST_SHUT_OUT else ["*"]
    assumed = role_arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")
    statement = _statement("Deny", ["s3:*"], [_arn(bucket), _arn(bucket, "*")])
    if names == ["*"]:
        pattern = {"StringLike": {"aws:PrincipalArn": f"{assumed}/*"}}
        return _document([statement | {"Principal": "*", "Condition": pattern}])
    principals = [f"{assumed}/{name}" for name in names]
    return _document([statement | {"Principal": {"AWS": principals}}])


def to_paste(grant: Grant) -> str:
    """What the owner of a bucket on Amazon gives our key, and no more.

    To take a deletion back is to delete the version that hides the file.
    """
    statements = _allow(grant)
    if grant.write:
        mine = [_arn(grant.bucket, f"{grant.prefix}*")]
        statements.append(_statement("Allow", ["s3:DeleteObjectVersion"], mine))
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def _allow(grant: Grant) -> list[dict[str, object]]:
    bucket = _arn(grant.bucket)
    objects = _arn(grant.bucket, f"{grant.prefix}*")
    listing: list[str] = [*_LIST, *(_LIST_UPLOADS if grant.write else ())]
    listed = _statement("Allow", listing, [bucket])
    if grant.prefix:
        prefixes = [grant.prefix, f"{grant.prefix}*"]
        listed["Condition"] = {"StringLike": {"s3:prefix": prefixes}}
    return [
        _statement("Allow", [*_READ, *(_WRITE if grant.write else ())], [objects]),
        _statement("Allow", [*_ABOUT], [bucket]),
        listed,
    ]


def _arn(bucket: str, key: str | None = None) -> str:
    return f"arn:aws:s3:::{bucket}" + ("" if key is None else f"/{key}")


def _statement(
    effect: str, actions: Sequence[str], resources: Sequence[str]
) -> dict[str, object]:
    return {"Effect": effect, "Action": actions, "Resource": resources}


def _document(statements: Sequence[dict[str, object]]) -> str:
    document = {"Version": "2012-10-17", "Statement": statements}
    return json.dumps(document, separators=(",", ":"))
