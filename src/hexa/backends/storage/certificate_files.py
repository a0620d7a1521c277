"""Apart from how they are made: who only reads them need not hold what makes them."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Where the files are; the authority's own key is kept nowhere."""

    folder: Path

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def certificate(self) -> Path:
        return self.folder / "store.pem"

    @property
    def key(self) -> Path:
        return self.folder / "store.key"

    @property
    def files(self) -> tuple[Path, Path, Path]:
        return self.authority, self.certificate, self.key
