"""The champion's answers, published: from the registry and the lake to the catalogue."""

import numpy as np

from marquee.contracts.errors import NotFound
from ml import publish, registry, tracking, viewers
from ml.champion import Champion
from ml.registry import Version


def publish_champion() -> int:
    """Publish what the champion recommends to everybody; returns the generation. Raises NotFound without a champion."""
    crowned = registry.aliased(registry.CHAMPION)
    if crowned is None:
        raise NotFound("no model has been promoted yet", where=registry.NAME)
    return publish.publish(answers(crowned))


def answers(version: Version) -> publish.Answers:
    """A version's model, with the viewers and titles that its rows and columns stand for."""
    with tracking.fetched_model(registry.NAME, version.number) as folder:
        champion = Champion.load(folder / "champion")
        titles = np.load(folder / "titles.npy", allow_pickle=False)
    users = viewers.read(version.run_id, int(version.tags["viewers"]))
    return publish.Answers(version.model, users, titles, champion.recommend, champion.similar)
