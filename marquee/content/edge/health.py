"""How well the edges are, from probes and from what players report, kept in this process's memory."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

DOWN_AFTER, UP_AFTER = 2, 2  # probes in a row
WINDOW_S = 60.0
COMPLAINTS = 3  # sessions that report errors, before they count: one member cannot turn others away from an edge
COMPLAINING = 0.2  # of the sessions at an edge


@dataclass(frozen=True, slots=True)
class Condition:
    """What steering knows of an edge. `connections` are those open at the last probe."""

    up: bool = True
    troubled: bool = False
    connections: int = 0


@dataclass
class _Edge:
    up: bool = True
    streak: int = 0  # of probes that say otherwise
    connections: int = 0
    playing: dict[int, float] = field(default_factory=dict)  # session and when it was last heard of
    complaining: dict[int, float] = field(default_factory=dict)


class Health:
    """The conditions of some edges by name. An edge that was never probed counts as up."""

    def __init__(self, names: Iterable[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._edges = {name: _Edge() for name in names}
        self._clock = clock
        self.conditions = {name: Condition() for name in self._edges}

    def probed(self, answers: Mapping[str, int | None]) -> None:
        """Note a round of probes, by edge: the open connections, or None for no good answer; renew the conditions.

        Two in a row that say otherwise turn an edge down or up.
        """
        oldest = self._clock() - WINDOW_S
        for name, connections in answers.items():
            edge = self._edges[name]
            _note(edge, connections)
            edge.playing, edge.complaining = _since(oldest, edge.playing), _since(oldest, edge.complaining)
            self.conditions[name] = Condition(edge.up, _troubled(edge), edge.connections)

    def heard(self, name: str | None, session_id: int, *, error: bool) -> None:
        """Note that a session plays from an edge, or had a network error there; counts at the next round of probes."""
        if edge := self._edges.get(name or ""):
            (edge.complaining if error else edge.playing)[session_id] = self._clock()


def _note(edge: _Edge, connections: int | None) -> None:
    edge.streak = 0 if edge.up is (connections is not None) else edge.streak + 1
    if edge.streak >= (DOWN_AFTER if edge.up else UP_AFTER):
        edge.up, edge.streak = not edge.up, 0
    edge.connections = connections or 0


def _since(oldest: float, heard: dict[int, float]) -> dict[int, float]:
    return {session: at for session, at in heard.items() if at >= oldest}


def _troubled(edge: _Edge) -> bool:
    """Whether too many of the sessions of the last minute had errors."""
    sessions = len(edge.playing.keys() | edge.complaining.keys())
    return len(edge.complaining) >= max(COMPLAINTS, COMPLAINING * sessions)
