"""The certificate authority by which the parts of the embedded store know each other.

Its parts talk gRPC on the loopback, where anyone on the machine may knock: each side
shows a certificate of this authority, which signs nothing else.
"""

import datetime as dt
import ipaddress
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hexa.backends.storage.certificate_files import CertificateFiles

_LIFE = dt.timedelta(days=3650)
_RENEWED_BEFORE_END = dt.timedelta(days=365)
# A clock that was wrong at first start must not lock the store.
_BACKDATED = dt.timedelta(days=1)


class Certificates(CertificateFiles):
    """The files, and how they are made."""

    __slots__ = ()

    def ensure(self, *, now: dt.datetime) -> None:
        """Makes what is missing, damaged or within a year of its end."""
        if not self._is_good(now):
            self._make(now)

    def _is_good(self, now: dt.datetime) -> bool:
        try:
            authority = x509.load_pem_x509_certificate(self.authority.read_bytes())
            leaf = x509.load_pem_x509_certificate(self.certificate.read_bytes())
            key = serialization.load_pem_private_key(self.key.read_bytes(), None)
            leaf.verify_directly_issued_by(authority)
        except (FileNotFoundError, ValueError, TypeError):
            return False
        return (
            key.public_key() == leaf.public_key()
            and now + _RENEWED_BEFORE_END < leaf.not_valid_after_utc
        )

    def _make(self, now: dt.datetime) -> None:
        authority_key = ec.generate_private_key(ec.SECP256R1())
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = _name("OpenHexa store authority")
        authority = (
            _draft(issuer, issuer, authority_key.public_key(), now)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(authority_key, hashes.SHA256())
        )
        here = [
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        ]
        both_ends = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        certificate = (
            _draft(_name("OpenHexa store"), issuer, key.public_key(), now)
            .add_extension(x509.SubjectAlternativeName(here), critical=False)
            .add_extension(x509.ExtendedKeyUsage(both_ends), critical=False)
            .sign(authority_key, hashes.SHA256())
        )
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        pem = serialization.Encoding.PEM
        write_private(self.authority, authority.public_bytes(pem))
        write_private(self.certificate, certificate.public_bytes(pem))
        write_private(
            self.key,
            key.private_bytes(
                pem,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )


def write_private(path: Path, content: bytes) -> None:
    """Appears whole, and never readable by others, not even for a moment."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _draft(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: dt.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + _LIFE)
    )
