"""A shipment: the files that one write added to the lake's event tables."""

from marquee.contracts.base import Contract


class Shipment(Contract):
    """Committed when its manifest stands in the lake; its files are complete by then.

    `partitions` holds, by table, the days (`dt`) whose rows changed: what is derived from them is due anew.
    """

    id: str  # sorts by time
    source: str  # log, edges, simulation, history, catalogue, scrub
    files: tuple[str, ...]  # keys in the lake
    rows: dict[str, int]  # by table
    partitions: dict[str, tuple[str, ...]]
