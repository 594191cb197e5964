"""Which tests run in one process, one after the other, when several processes share the suite (pytest-xdist).

A group shares what is dear to start: a whole platform, a Java machine, an MLflow server. Every other file is a group of
its own. The longest groups begin first, so that no process is left with a long one at the end.
"""

import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
GROUPS = {
    "the platform": ("e2e/",),
    "Spark": ("spark_jobs/", "dbt/test_spark"),
    "the warehouse and Great Expectations": ("viewing/warehouse/", "viewing/expectations/", "dbt/"),
    "a server killed": ("viewing/eventlog/test_kills",),
    "the embedded stack": ("embedded/",),
    "MLflow": ("ml/",),
    "databases of a production": ("deploy/test_databases",),
    "manifests, and what runs under runc": ("deploy/kubernetes/", "deploy/test_rehearsal"),
    "packages": ("content/media/package/",),
    "the watermark": ("content/media/watermark/",),
    "edges": (
        "content/edge/test_edge",
        "content/edge/test_standing",
        "content/edge/test_variants",
        "content/edge/test_warmup",
    ),
}
ORDER = list(GROUPS)
SLOW = (  # files left out of `make test-fast`: each starts servers, a Java machine or programs, or encodes for seconds
    "api/billing/",
    "api/billing_sandbox/",
    "api/test_account",
    "api/test_attacks",
    "api/test_browse",
    "api/test_database",
    "api/test_deletion",
    "api/test_draining",
    "api/test_desk",
    "api/test_events",
    "api/test_every_page",
    "api/test_export",
    "api/test_isolation",
    "api/test_kids",
    "api/test_killed",
    "api/test_licence_servers",
    "api/test_licences",
    "api/test_manifests",
    "api/test_member_pages",
    "api/test_passkeys",
    "api/test_picture_places",
    "api/test_playback",
    "api/test_player_page",
    "api/test_previews",
    "api/test_profiles",
    "api/test_provider",
    "api/test_rows",
    "api/test_schemes",
    "api/test_search",
    "api/test_series",
    "api/test_server",
    "api/test_shard_key",
    "api/test_shop",
    "api/test_sparse",
    "api/test_streams",
    "api/test_territories",
    "api/test_trailers",
    "api/test_unseen",
    "backup/",
    "catalogue/test_deletions",
    "catalogue/test_migrations",
    "catalogue/test_upgrades",
    "content/delivery/test_extras",
    "content/delivery/test_hdr",
    "content/delivery/test_intake",
    "content/delivery/test_probe",
    "content/delivery/test_remote_inbox",
    "content/delivery/test_sidecar",
    "content/delivery/test_track_files",
    "content/desk/",
    "content/drm/test_key_server",
    "content/drm/test_upstream",
    "content/edge/test_edge",
    "content/edge/test_shield",
    "content/edge/test_standing",
    "content/media/hull/test_by_chunk",
    "content/media/hull/test_probes",
    "content/edge/test_variants",
    "content/media/package/",
    "content/media/qc/test_clocks",
    "content/media/qc/test_ends",
    "content/media/qc/test_faults_in_parts",
    "content/media/qc/test_measures",
    "content/media/qc/test_pictures",
    "content/media/qc/test_report",
    "content/media/qc/test_verdict",
    "content/media/test_archive_formats",
    "content/media/test_artwork",
    "content/media/test_audio",
    "content/media/test_copies",
    "content/media/test_exact",
    "content/media/test_grain",
    "content/media/test_hdr",
    "content/media/test_length",
    "content/media/test_ocr",
    "content/media/test_picture",
    "content/media/test_plan",
    "content/media/test_pulldown",
    "content/media/test_rendition",
    "content/media/test_sync",
    "content/media/test_text_tracks",
    "content/media/test_thumbnails",
    "content/media/test_variable_rate",
    "content/media/test_widths",
    "content/media/watermark/",
    "content/pipeline/test_both_schemes",
    "content/pipeline/test_carry",
    "content/pipeline/test_damage",
    "content/pipeline/test_watermarks",
    "content/pipeline/test_imports",
    "content/pipeline/test_reading",
    "content/pipeline/test_laddering",
    "content/pipeline/test_master_key",
    "content/pipeline/test_remote_ingest",
    "dags/test_title_browser",
    "dags/test_dags",
    "dags/test_data_pages",
    "dags/test_desk_browser",
    "dags/test_health_page",
    "dags/test_intake_browser",
    "dags/test_intake_pages",
    "dags/test_qc_pages",
    "dags/test_scheduling",
    "dags/test_title_pages",
    "dags/test_tracks_browser",
    "deploy/test_commands",
    "deploy/test_databases",
    "deploy/test_layers",
    "deploy/kubernetes/",
    "deploy/test_objects",
    "deploy/test_rehearsal",
    "docs/test_web_types",
    "e2e/",
    "embedded/log_search/test_search",
    "embedded/test_airflow",
    "embedded/test_postgres",
    "embedded/test_stack",
    "embedded/test_upgrade",
    "gateway/test_attacks",
    "gateway/test_gateway",
    "gateway/test_limits",
    "gateway/test_secrets_in_logs",
    "gateway/test_stack",
    "members/",
    "monitoring/",
    "ml/test_bench_rec",
    "ml/test_champion",
    "ml/test_demand",
    "ml/test_models",
    "ml/test_kernels",
    "ml/test_publish",
    "ml/test_train",
    "ml/test_tune",
    "regions/test_dns",
    "regions/test_promotion",
    "regions/test_reading_near",
    "spark_jobs/",
    "viewing/eventlog/test_topic",
    "viewing/edgelog/test_kills",
    "viewing/eventlog/test_kills",
    "viewing/eventlog/test_regions",
    "viewing/eventlog/test_ship",
    "viewing/eventlog/test_writer",
    "viewing/expectations/",
    "viewing/history/test_import",
    "viewing/insights/test_view",
    "viewing/pipeline/test_deletion",
    "viewing/pipeline/test_simulating_catalogue",
    "viewing/pipeline/test_snapshot",
    "viewing/simulation/",
    "viewing/warehouse/",
)


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
    for item in items:
        if _slow(item.path):
            item.add_marker("slow")
    items.sort(key=lambda item: _place(group(item.nodeid)))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave slow files unread where they are left out: importing them costs each process seconds."""
    return True if config.option.markexpr == "not slow" and _slow(collection_path) else None


def _slow(path: Path) -> bool:
    return path.is_file() and path.is_relative_to(TESTS) and path.relative_to(TESTS).as_posix().startswith(SLOW)


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
