"""The ring of keys that seals secrets at rest, as its file holds it.

    {"current": id, "keys": {id: 32 bytes in base64}}

One key seals, all of them open. Knows no Django: the supervisor makes and changes it.
"""

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hexa.foundation.errors import Outage


class KeyMissing(Outage):
    """The key that protects these credentials is missing from this installation. Restore the file secrets/key-ring from a backup, or enter the credentials again."""

    code = "KEY_MISSING"


@dataclass(frozen=True, slots=True)
class Ring:
    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises KeyMissing for what is no ring."""
        try:
            raw = json.loads(text)
            keys = {
                str(name): base64.b64decode(key) for name, key in raw["keys"].items()
            }
            ring = cls(current=str(raw["current"]), keys=keys)
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            raise KeyMissing from None
        if ring.current not in keys:
            raise KeyMissing
        return ring

    @classmethod
    def made(cls) -> Self:
        """With one new key."""
        return cls("", {}).renewed()

    def renewed(self) -> Self:
        """With one more key, which is current from now on."""
        name = secrets.token_hex(4)
        return type(self)(name, {**self.keys, name: AESGCM.generate_key(256)})

    def narrowed(self) -> Self:
        """Without the keys that are no longer current."""
        return type(self)(self.current, {self.current: self.keys[self.current]})

    def written(self) -> str:
        """As its file holds it."""
        keys = {name: base64.b64encode(key).decode() for name, key in self.keys.items()}
        return json.dumps({"current": self.current, "keys": keys})
