"""Which tests stay in one process when pytest-xdist runs several, and in which order the groups begin.

Tests of a group share what is costly to start: the platform, a JVM, module fixtures. Without a group of its own a file
is one. The groups that take longest begin first, so that no process is left with a long one at the end.
"""

import logging
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
GROUPS = (  # longest first: name, and the files or folders in it
    ("platform that is watched", ("e2e/test_viewing.py",)),
    ("platform with titles", ("e2e",)),
    ("Spark", ("spark_jobs", "dbt/test_spark.py")),
    ("kills of the event log", ("viewing/eventlog/test_kills.py",)),
    ("warehouse", ("viewing/warehouse",)),
    ("databases of containers", ("deploy/test_databases.py",)),
    ("whole stack", ("embedded/test_whole_stack.py",)),
)


def pytest_configure() -> None:
    main = sys.modules["__main__"]
    if not hasattr(main, "__file__"):  # so in the processes of xdist: pyspark.sql.connect ends such a process at import
        main.__file__ = __file__
    logging.getLogger("py4j").setLevel(logging.WARNING)  # it reports at exit, when the captured streams are closed


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test its group, and put the groups in order; within a group nothing moves."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item.path)[1]))
    items.sort(key=lambda item: _group(item.path)[0])


def _group(path: Path) -> tuple[int, str]:
    """The place of a file's group, and its name."""
    for place, (name, parts) in enumerate(GROUPS):
        if any(path.is_relative_to(TESTS / part) for part in parts):
            return place, name
    return len(GROUPS), str(path.relative_to(TESTS)) if path.is_relative_to(TESTS) else str(path)
