"""Which tests run in one process, one after the other, when several processes share the suite (pytest-xdist).

A group shares what is dear to start: a whole platform, a Java machine, an MLflow server. Every other file is a group of
its own. The longest groups begin first, so that no process is left with a long one at the end.
"""

import sys
from typing import Any

import pytest

GROUPS = {
    "the platform whose viewing is counted": ("e2e/test_viewing",),
    "the platform with titles": ("e2e/",),
    "Spark": ("spark_jobs/", "dbt/test_spark"),
    "the warehouse and Great Expectations": ("viewing/warehouse/", "viewing/expectations/", "dbt/"),
    "a server killed": ("viewing/eventlog/test_kills",),
    "the embedded stack": ("embedded/",),
    "MLflow": ("ml/",),
    "databases of a production": ("deploy/test_databases",),
    "packages": ("content/media/package/",),
}
ORDER = list(GROUPS)


def group(nodeid: str) -> str:
    """The name of the group of a test, given by its id; the test's file where no group names it."""
    path = nodeid.partition("::")[0]
    within = path.removeprefix("tests/")
    return next((name for name, starts in GROUPS.items() if within.startswith(starts)), path)


def pytest_configure(config: pytest.Config) -> None:
    """Give a worker's main module a file: Great Expectations imports a pyspark that ends the process without one."""
    main = sys.modules["__main__"]
    if hasattr(config, "workerinput") and not hasattr(main, "__file__"):
        main.__file__ = __file__


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(group(item.nodeid)))


def _place(name: str) -> int:
    return ORDER.index(name) if name in GROUPS else len(ORDER)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    config.option.loadscopereorder = False
    return ByGroup(config, log)
