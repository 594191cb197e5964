"""Rows of a viewer's home page."""

from enum import StrEnum


class RowKind(StrEnum):
    CONTINUE = "continue"  # begun and not finished
    MY_LIST = "my_list"
    FOR_YOU = "for_you"
    BECAUSE = "because"  # you watched one title
    TOP10 = "top10"
    TRENDING = "trending"  # in the viewer's languages
    NEW = "new"
    GEMS = "gems"  # liked by few and much
    LEAVING = "leaving"


class Chart(StrEnum):
    """The lists that marts make for everybody alike; see `chart_entries` in the catalogue."""

    TOP10 = "top10"
    TRENDING = "trending"
    GEMS = "gems"
    LEAVING = "leaving"
