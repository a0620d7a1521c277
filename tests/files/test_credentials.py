from datetime import timedelta

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from django.conf import settings
from django.utils import timezone

from hexa.backends.storage.store import ObjectStore
from hexa.files import actions, errors, tasks
from hexa.files.models import Drive, StoreSession
from hexa.foundation.errors import NotFound, PermissionDenied
from hexa.workspaces.models import Role
from hexakit import Address
from tests.makers import make_member, make_person, membership_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def status(minted: actions.StoreCredentials, bucket: str, verb: str) -> int:
    s3 = boto3.client(
        "s3",
        endpoint_url=settings.STORE_ENDPOINT,
        region_name=settings.STORE_REGION,
        aws_access_key_id=minted.access_key_id,
        aws_secret_access_key=minted.secret_access_key,
        aws_session_token=minted.token,
        config=Config(s3={"addressing_style": "path"}),
    )
    try:
        if verb == "write":
            s3.put_object(Bucket=bucket, Key="x", Body=b"1")
        else:
            s3.list_objects_v2(Bucket=bucket)
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return 200


@pytest.mark.parametrize(("role", "writes"), [(Role.VIEWER, 403), (Role.EDITOR, 200)])
def test_credentials_do_what_the_role_does(
    drive: Drive, role: str, writes: int
) -> None:
    person = make_member(drive.workspace, role=role)
    minted = actions.mint(
        drive.workspace, reader=person, session_name="ana-1", lifetime=HOUR
    )
    assert status(minted, drive.bucket, "write") == writes
    assert status(minted, drive.bucket, "read") == 200


def test_who_is_no_member_gets_none(drive: Drive) -> None:
    with pytest.raises(PermissionDenied):
        actions.mint(
            drive.workspace, reader=make_person(), session_name="x", lifetime=HOUR
        )


def test_a_lost_role_ends_what_was_given_and_not_what_is_given_next(
    drive: Drive,
) -> None:
    ana = make_member(drive.workspace, role=Role.EDITOR)
    ben = make_member(drive.workspace, role=Role.EDITOR)

    def given(person: object, holder: str) -> actions.StoreCredentials:
        assert person in {ana, ben}
        reader = ana if person == ana else ben
        return actions.mint(
            drive.workspace, reader=reader, session_name=holder, lifetime=HOUR
        )

    first, second, bens = given(ana, "ana-1"), given(ana, "ana-1"), given(ben, "ben-1")
    membership = membership_of(ana, drive.workspace)
    membership.role = Role.VIEWER
    membership.save()
    actions.revoke(drive.workspace, session_name="ana-1")
    for minted in (first, second):
        assert status(minted, drive.bucket, "read") == 403
        assert status(minted, drive.bucket, "write") == 403
    assert status(bens, drive.bucket, "write") == 200
    third = given(ana, "ana-1")
    assert status(third, drive.bucket, "read") == 200
    assert status(third, drive.bucket, "write") == 403
    actions.revoke(drive.workspace, session_name="nobody")
    assert status(first, drive.bucket, "read") == 403


def test_what_has_expired_is_forgotten(drive: Drive) -> None:
    person = make_member(drive.workspace, role=Role.EDITOR)
    actions.mint(drive.workspace, reader=person, session_name="old", lifetime=HOUR)
    tasks.forget_ended(0)
    assert StoreSession.objects.exists()
    two_days_ago = timezone.now() - timedelta(days=2)
    StoreSession.objects.update(expires_at=two_days_ago)
    tasks.forget_ended(0)
    assert not StoreSession.objects.exists()


def test_a_link_needs_the_same_rights(drive: Drive, objects: ObjectStore) -> None:
    objects.put(drive.bucket, "x.csv", b"1")
    viewer = make_member(drive.workspace, role=Role.VIEWER)
    address = Address("s3", drive.bucket, "x.csv")
    url, ends_at = actions.link(
        drive.workspace, reader=viewer, address=address, method="GET"
    )
    assert url.startswith(settings.STORE_ENDPOINT)
    assert timezone.now() < ends_at <= timezone.now() + timedelta(minutes=1)
    with pytest.raises(PermissionDenied):
        actions.link(drive.workspace, reader=viewer, address=address, method="PUT")
    elsewhere = Address("s3", "another-bucket", "x.csv")
    with pytest.raises(errors.DriveNotFound):
        actions.link(drive.workspace, reader=viewer, address=elsewhere, method="GET")
    with pytest.raises(NotFound):
        actions.link(
            drive.workspace, reader=make_person(), address=address, method="GET"
        )
