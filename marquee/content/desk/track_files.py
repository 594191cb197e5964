"""A track as a file of this machine, for whoever has a shell."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from marquee.content.delivery.compose import delivered_name
from marquee.contracts.delivery import TrackFile
from marquee.contracts.errors import InvalidInput
from marquee.tools.scratch import scratch

TRACK: TypeAdapter[TrackFile] = TypeAdapter(TrackFile)


@contextmanager
def of_file(path: Path, said: Mapping[str, str]) -> Iterator[tuple[TrackFile, Path]]:
    """A track as it is described, and a folder with nothing but a copy of its file. Empty words are none.

    Raises InvalidInput for a file that is not there, and for what describes no track.
    """
    if not path.is_file():
        raise InvalidInput("no such file", where=str(path))
    track = described({**said, "file": delivered_name(path.name)})
    with scratch() as folder:
        shutil.copyfile(path, folder / track.file)
        yield track, folder


def described(said: Mapping[str, str]) -> TrackFile:
    """A track by its fields. Raises InvalidInput with the first that does not hold."""
    try:
        return TRACK.validate_python({name: value for name, value in said.items() if value})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        raise InvalidInput(first["msg"], where=where, got=repr(first["input"])[:80]) from None
