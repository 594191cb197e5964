"""What can go wrong with a piece of an upload, by the status that the tus protocol gives it."""

from typing import ClassVar

from marquee.contracts.errors import Conflict, InvalidInput, Unavailable


class WrongOffset(Conflict):
    """The piece does not begin where the file ends so far: ask for its length, and go on from there."""


class Locked(Conflict):
    """Another request is writing this file."""

    status: ClassVar[int] = 423


class TooLong(InvalidInput):
    """More bytes than were announced, or than are allowed."""

    status: ClassVar[int] = 413


class WrongChecksum(InvalidInput):
    """The piece is not what its sender had; nothing of it is kept. tus 1.0, checksum extension."""

    status: ClassVar[int] = 460


class StorageFull(Unavailable):
    """The disk of the inbox has no room for this."""

    status: ClassVar[int] = 507
