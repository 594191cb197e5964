"""Reads and writes HLS playlists (RFC 8216): tags with attribute lists; other lines stay as they are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)(?:,|$)')


@dataclass(frozen=True)
class Tag:
    """A tag with an attribute list; values as written, quotes included."""

    name: str  # without the "#"
    attributes: dict[str, str]

    @classmethod
    def parse(cls, line: str) -> Self | None:
        """The tag on a line, or None where the line is something else."""
        name, colon, rest = line.partition(":")
        if not (colon and name.startswith("#EXT-X-") and ATTRIBUTE.match(rest)):
            return None
        return cls(name[1:], dict(ATTRIBUTE.findall(rest)))

    def __getitem__(self, attribute: str) -> str:
        """An attribute's value without its quotes; empty where it is missing."""
        return self.attributes.get(attribute, "").strip('"')

    def having(self, **attributes: str) -> Self:
        """The same tag with attributes set; `GROUP_ID` stands for GROUP-ID. Values must be written as they belong."""
        changed = {name.replace("_", "-"): value for name, value in attributes.items()}
        return type(self)(self.name, {**self.attributes, **changed})

    def __str__(self) -> str:
        return f"#{self.name}:" + ",".join(f"{name}={value}" for name, value in self.attributes.items())


def tags(lines: Iterable[str], name: str) -> list[Tag]:
    """All tags of this name, in order."""
    return [tag for line in lines if (tag := Tag.parse(line)) and tag.name == name]


def uris(text: str) -> list[str]:
    """Everything a playlist points at: bare lines and URI attributes, keys excepted."""
    found = []
    for line in text.splitlines():
        tag = Tag.parse(line)
        if tag and tag.name != "EXT-X-KEY" and tag["URI"]:
            found.append(tag["URI"])
        elif line and not line.startswith("#"):
            found.append(line)
    return found


def quoted(value: str) -> str:
    """A quoted string. The format has no escaping, so quotes become apostrophes and control characters spaces."""
    return '"' + re.sub(r"[\x00-\x1f\x7f]", " ", value).replace('"', "'") + '"'


def vod(target_s: int, lines: Iterable[str]) -> str:
    """A whole media playlist around its segment lines; `target_s` is the longest segment, in whole seconds."""
    head = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{target_s}", "#EXT-X-PLAYLIST-TYPE:VOD"]
    return "\n".join([*head, *lines, "#EXT-X-ENDLIST"]) + "\n"
