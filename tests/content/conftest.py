"""A key server, and who speaks with it. Making the keys takes a second, so they are made once."""

from collections.abc import Iterator

import pytest

from tests.content.drm.key_server import Party, TestKeyServer, party

Parties = tuple[Party, Party, Party]


@pytest.fixture(scope="session")
def parties() -> Parties:
    """The server, its client, and somebody else."""
    return party("key server"), party("packager"), party("somebody else")


@pytest.fixture
def key_server(parties: Parties) -> Iterator[TestKeyServer]:
    running = TestKeyServer(*parties).start()
    yield running
    running.stop()
