"""Which languages a notebook may choose."""

import json
import shutil
from pathlib import Path

_R_LIBRARIES = (
    Path("/usr/local/lib/R/site-library"),
    Path("/usr/lib/R/site-library"),
    Path("/usr/lib/R/library"),
)


def write(folder: Path, *, default_env: Path) -> list[str]:
    """Describes the kernels in `folder`, a place for JUPYTER_PATH; returns their names."""
    kernels = folder / "kernels"
    shutil.rmtree(kernels, ignore_errors=True)
    logos = default_env / "share" / "jupyter" / "kernels" / "python3"
    _describe(kernels / "python3", _python(default_env), logos=logos)
    if has_r():
        r_logos = [library / "IRkernel" / "kernelspec" for library in _R_LIBRARIES]
        found = next((logo for logo in r_logos if logo.is_dir()), None)
        _describe(kernels / "ir", _r(default_env), logos=found)
    return sorted(path.name for path in kernels.iterdir())


def has_r() -> bool:
    """Whether R and its kernel are installed where sandboxes see them."""
    installed = any((library / "IRkernel").is_dir() for library in _R_LIBRARIES)
    return installed and shutil.which("R", path="/usr/local/bin:/usr/bin") is not None


def path_variable(default_env: Path) -> str:
    """PATH in a session: terminals find the Python that notebooks have."""
    own = "/home/hexa/.local/bin"
    return f"{default_env}/bin:{own}:/usr/local/bin:/usr/bin:/bin"


def _python(default_env: Path) -> dict[str, object]:
    python = str(default_env / "bin" / "python")
    return {
        "argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (OpenHexa)",
        "language": "python",
        "metadata": {"debugger": True},
        # The server refuses what a person installed for themselves; kernels do not.
        "env": {"PYTHONNOUSERSITE": "", "PATH": path_variable(default_env)},
    }


def _r(default_env: Path) -> dict[str, object]:
    return {
        "argv": [
            "R",
            "--slave",
            "-e",
            "IRkernel::main()",
            "--args",
            "{connection_file}",
        ],
        "display_name": "R (OpenHexa)",
        "language": "R",
        "env": {
            "PYTHONNOUSERSITE": "",
            "PATH": path_variable(default_env),
            # Set-up installs the R twin of hexakit here, beside the Python it uses.
            "R_LIBS": str(default_env / "lib" / "R"),
            "HEXA_PYTHON": str(default_env / "bin" / "python"),
        },
    }


def _describe(folder: Path, kernel: dict[str, object], *, logos: Path | None) -> None:
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(kernel, indent=1), encoding="utf-8")
    for logo in logos.glob("logo-*") if logos else []:
        shutil.copy(logo, folder)
