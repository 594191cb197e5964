"""Keys stand in no argument list, no environment, no log and no file while and after a release is packaged."""

import base64
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.drm.keys import new_keys
from marquee.content.media.package.build import package
from marquee.content.media.package.layout import Keys, protected_types
from marquee.contracts.plan import DrmScheme, EncodePlan
from marquee.contracts.release import Thumbnails
from marquee.storage import Store
from tests.content.media.package.conftest import made_in


class Watch:
    """Reads all that /proc shows of this process's children, over and over, until told to stop."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._over.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    try:
                        content = (process / name).read_bytes()
                    except OSError:
                        continue
                    if b"packager" in content.split(b"\0")[0] or name == "environ":
                        self.seen.add(content)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def forms(keys: Keys) -> list[bytes]:
    """The ways in which a key might be written down."""
    out: list[bytes] = []
    for key in keys.values():
        raw = key.reveal()
        plain = raw.hex().encode()
        out += [
            raw,
            plain,
            plain.upper(),
            base64.b64encode(raw).rstrip(b"="),
            base64.urlsafe_b64encode(raw).rstrip(b"="),
        ]
    return out


def test_keys_are_seen_nowhere(
    tmp_path: Path,
    plan_of: Callable[[DrmScheme], EncodePlan],
    work_for: Callable[[EncodePlan], Store],
    thumbnails: Thumbnails,
    capfd: pytest.CaptureFixture[str],
) -> None:
    plan = plan_of(DrmScheme.CBCS)
    keys = new_keys(protected_types(plan))
    with Watch() as watch:
        package(plan, made_in(plan, work_for(plan)), tmp_path, keys=keys, thumbnails=thumbnails, default_language="en")
    assert any(b"--flagfile=/dev/fd/" in content for content in watch.seen), "the program was never seen running"
    logged = "".join(capfd.readouterr())
    assert "--flagfile={secret}" in logged
    texts = [logged.encode(), *watch.seen, *(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())]
    for form in forms(keys):
        assert not any(form in text for text in texts)
