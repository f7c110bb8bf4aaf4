"""Packs the library that `cargo build --release --workspace` left into a wheel, without building it again.

    python scripts/pack_wheel.py LIBRARY OUT

The metadata are those that maturin writes, which must be installed; `maturin build --release` makes the same wheel from nothing.
"""

import base64
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "crates" / "hsic-python"


def main(library: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    maturin = [sys.executable, "-m", "maturin", "pep517", "write-dist-info", "--metadata-directory", str(out.resolve())]
    subprocess.run([*maturin, "--interpreter", sys.executable], cwd=PACKAGE, check=True, stdout=subprocess.DEVNULL)
    info = next(out.glob("hsic-*.dist-info"))
    tag = next(line.removeprefix("Tag: ") for line in (info / "WHEEL").read_text().splitlines() if line.startswith("Tag: "))
    files = {f"hsic/{path.name}": path.read_bytes() for path in sorted((PACKAGE / "python" / "hsic").glob("*.py*")) if path.is_file()}
    files["hsic/py.typed"] = b""
    stripped = out / "_hsic.abi3.so"
    subprocess.run(["strip", "-o", str(stripped), str(library)], check=True)
    files["hsic/_hsic.abi3.so"] = stripped.read_bytes()
    for path in sorted(info.rglob("*")):
        if path.is_file() and path.name != "RECORD":
            files[f"{info.name}/{path.relative_to(info).as_posix()}"] = path.read_bytes()
    record = f"{info.name}/RECORD"

    def line(name: str, content: bytes) -> str:
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        return f"{name},sha256={digest},{len(content)}\n"

    files[record] = ("".join(line(*file) for file in files.items()) + f"{record},,\n").encode()
    wheel = out / f"{info.name.removesuffix('.dist-info')}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    print(wheel)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
