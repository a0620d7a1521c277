"""Access tokens of service accounts, given and narrowed as Google documents it."""

import base64
import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

VIEWER = "roles/storage.objectViewer"
USER = "roles/storage.objectUser"
ADMIN = "roles/storage.admin"
BUCKET_VIEWER = "roles/storage.bucketViewer"

_VIEW = frozenset({"storage.objects.get", "storage.objects.list"})
_USE = _VIEW | {
    "storage.objects.create",
    "storage.objects.delete",
    "storage.objects.restore",
    "storage.objects.update",
    "storage.multipartUploads.create",
    "storage.multipartUploads.abort",
    "storage.multipartUploads.listParts",
}
_ADMIN = _USE | {
    "storage.buckets.create",
    "storage.buckets.delete",
    "storage.buckets.get",
    "storage.buckets.update",
}
PERMISSIONS: Mapping[str, frozenset[str]] = {
    VIEWER: _VIEW,
    USER: _USE,
    ADMIN: _ADMIN,
    BUCKET_VIEWER: frozenset({"storage.buckets.get"}),
}

_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
# Whatever address it was sent to.
_AUDIENCE = "https://oauth2.googleapis.com/token"
_CONDITION = re.compile(
    r"resource\.name\.startsWith\('projects/_/buckets/(?P<bucket>[^/']+)/objects/"
    r"(?P<prefix>[^']*)'\) \|\| "
    r"api\.getAttribute\('storage\.googleapis\.com/objectListPrefix', ''\)"
    r"\.startsWith\('(?P<listed>[^']*)'\)"
)


class Refused(Exception):
    """An OAuth error: its code, and its description."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code, description)
        self.code, self.description = code, description


@dataclass
class Account:
    """A service account, its roles (of a bucket, or of "*") and its key."""

    email: str
    roles: dict[str, str]
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(65537, 2048)
    )
    key_id: str = field(default_factory=lambda: secrets.token_hex(20))
    is_enabled: bool = True

    def key_file(self, token_url: str) -> str:
        pem = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return json.dumps(
            {
                "type": "service_account",
                "project_id": "malaria-project",
                "private_key_id": self.key_id,
                "private_key": pem.decode(),
                "client_email": self.email,
                "client_id": "1",
                "token_uri": token_url,
            }
        )

    def may(self, permission: str, bucket: str) -> bool:
        roles = self.roles.get(bucket) or self.roles.get("*", "")
        return any(permission in PERMISSIONS[role] for role in roles.split())

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        try:
            self.key.public_key().verify(
                signature, message, padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Rule:
    bucket: str
    role: str
    prefix: str | None

    def allows(self, permission: str, bucket: str, name: str, listed: str) -> bool:
        if bucket != self.bucket or permission not in PERMISSIONS[self.role]:
            return False
        if self.prefix is None:
            return True
        is_list = permission == "storage.objects.list"
        return (listed if is_list else name).startswith(self.prefix)


@dataclass(frozen=True)
class Token:
    account: Account
    ends_at: float
    rules: Sequence[Rule] | None = None

    def may(self, permission: str, bucket: str, name: str, listed: str) -> bool:
        if not self.account.may(permission, bucket):
            return False
        return self.rules is None or any(
            rule.allows(permission, bucket, name, listed) for rule in self.rules
        )


@dataclass
class Tokens:
    accounts: dict[str, Account] = field(default_factory=dict)
    life_s: float = 3600
    # By how much Google's clock differs from this machine's.
    clock_s: float = 0
    is_exchange_down: bool = False
    _given: dict[str, Token] = field(default_factory=dict)

    def find(self, value: str) -> Token | None:
        token = self._given.get(value)
        if token is None or token.ends_at < time.time():
            return None
        return token

    def give(self, form: Mapping[str, str]) -> dict[str, object]:
        """The token endpoint: an assertion that the account signed, for a token."""
        if form.get("grant_type") != _BEARER:
            raise Refused("unsupported_grant_type", "Invalid grant_type")
        head, body, signature = form["assertion"].split(".")
        claims = json.loads(_decoded(body))
        account = self.accounts.get(claims["iss"])
        if account is None or not account.is_enabled:
            raise Refused("invalid_grant", "Invalid grant: account not found")
        is_its_own = json.loads(_decoded(head)).get("kid") == account.key_id
        message = f"{head}.{body}".encode()
        if not is_its_own or not account.has_signed(message, _decoded(signature)):
            raise Refused("invalid_grant", "Invalid JWT Signature.")
        now = time.time() + self.clock_s
        is_timely = claims["iat"] - 60 < now < claims["exp"] <= claims["iat"] + 3600
        if not is_timely:
            raise Refused(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a "
                "reasonable timeframe. Check your iat and exp values in the JWT claim.",
            )
        if claims["aud"] != _AUDIENCE or not claims.get("scope"):
            raise Refused("invalid_scope", "Invalid OAuth scope or ID token audience.")
        return self._answer(Token(account, time.time() + self.life_s))

    def exchange(self, form: Mapping[str, str]) -> dict[str, object]:
        """The exchange endpoint: a token and a boundary, for a narrower token."""
        if self.is_exchange_down:
            raise Refused("temporarily_unavailable", "Try again later.")
        if form.get("grant_type") != _EXCHANGE:
            raise Refused("unsupported_grant_type", "Invalid grant_type")
        types = {form.get("subject_token_type"), form.get("requested_token_type")}
        if types != {_ACCESS_TOKEN}:
            raise Refused("invalid_request", "Invalid token type")
        whole = self.find(form.get("subject_token", ""))
        if whole is None or whole.rules is not None:
            raise Refused("invalid_grant", "Invalid subject token")
        rules = _rules(form.get("options", ""))
        narrowed = self._answer(Token(whole.account, whole.ends_at, rules))
        # Left out where it is that of the token it was made from.
        del narrowed["expires_in"]
        return {**narrowed, "issued_token_type": _ACCESS_TOKEN}

    def _answer(self, token: Token) -> dict[str, object]:
        value = f"ya29.{secrets.token_urlsafe(60)}"
        self._given[value] = token
        return {
            "access_token": value,
            "token_type": "Bearer",
            "expires_in": int(token.ends_at - time.time()),
        }


def _rules(options: str) -> list[Rule]:
    try:
        told = json.loads(unquote(options))["accessBoundary"]["accessBoundaryRules"]
    except (ValueError, KeyError, TypeError):
        raise Refused("invalid_request", "Invalid access boundary") from None
    if not 1 <= len(told) <= 10:
        raise Refused("invalid_request", "An access boundary has 1 to 10 rules")
    return [_rule(rule) for rule in told]


def _rule(told: Mapping[str, Any]) -> Rule:
    resource, (permission,) = (
        str(told["availableResource"]),
        told["availablePermissions"],
    )
    start = "//storage.googleapis.com/projects/_/buckets/"
    role = str(permission).removeprefix("inRole:")
    if not resource.startswith(start) or role not in PERMISSIONS:
        raise Refused("invalid_request", "Invalid access boundary rule")
    bucket, prefix = resource.removeprefix(start), None
    if condition := told.get("availabilityCondition"):
        match = _CONDITION.fullmatch(condition["expression"])
        if not match or match["bucket"] != bucket or match["prefix"] != match["listed"]:
            raise Refused("invalid_request", "Invalid condition")
        prefix = match["prefix"]
    return Rule(bucket, role, prefix)


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
