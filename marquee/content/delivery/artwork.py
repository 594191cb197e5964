"""Checks that delivered artwork is a picture, by decoding it in a process with bounded time and memory."""

import json
import resource
import sys
from pathlib import Path

from PIL import Image

from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused, ToolFailed
from marquee.tools.process import run

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 32 * 1024 * 1024
MAX_PIXELS = 40_000_000  # an 8K backdrop has 33 million
TIMEOUT_S = 30.0
MAX_MEMORY = 2 * 1024**3  # bytes of address space; the largest picture takes 160 MB


def check_artwork(path: Path) -> None:
    """Refuse what is not a whole JPEG, PNG or WebP picture of sane size. Raises DeliveryRefused: artwork-invalid."""
    try:
        answer = run(
            [sys.executable, "-m", "marquee.content.delivery.artwork", str(path.absolute())], timeout_s=TIMEOUT_S
        )
    except ToolFailed as failed:
        got = failed.what.splitlines()[-1][-200:]
        raise _invalid(path, "the picture cannot be decoded", f"a picture within {TIMEOUT_S:.0f} s", got) from failed
    if problem := json.loads(answer.stdout):
        raise _invalid(path, *problem)


def examine(path: Path) -> tuple[str, str, str] | None:
    """What is wrong with a picture, what was expected and what was found; None when it is whole."""
    try:
        with Image.open(path, formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return "too many pixels", f"at most {MAX_PIXELS}", f"{picture.width}x{picture.height}"
            picture.verify()
        with Image.open(path, formats=FORMATS) as picture:  # verify() leaves an image that cannot be read
            picture.load()
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        return "not a picture, or a damaged one", " or ".join(FORMATS), str(error).split(" '")[0][:200]
    return None


def _invalid(path: Path, what: str, expected: str, got: str) -> DeliveryRefused:
    return DeliveryRefused(RefusalCode.ARTWORK_INVALID, what, where=path.name, expected=expected, got=got)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    sys.stdout.write(json.dumps(examine(Path(sys.argv[1]))))
