"""Writes the dashboards beside this file: `python deploy/grafana/dashboards.py`, after every change in here.

Each panel is one query, so that a test can ask a Prometheus for it. Dashboards are kept as they come out: Grafana reads
files, and who runs it needs no Python.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grafana_foundation_sdk.builders import dashboard, prometheus, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DataSourceRef

FOLDER = Path(__file__).parent / "dashboards"
SOURCE = DataSourceRef(type_val="prometheus", uid="marquee")
HEIGHT, WIDTH = 8, 8  # of 24 columns


@dataclass(frozen=True)
class Panel:
    """A graph of one query; `legend` in Grafana's own form, `unit` one of its ids."""

    title: str
    query: str
    legend: str = ""
    unit: str = "short"


DASHBOARDS: Mapping[str, tuple[Panel, ...]] = {
    "Service": (
        Panel("Failing requests, 1 hour (goal: 0.1 %)", "marquee:api_errors:ratio_rate1h", "failing", "percentunit"),
        Panel("Bad starts, 1 hour (goal: 1 %)", "marquee:start_bad:ratio_rate1h", "slow or failed", "percentunit"),
        Panel("Fresh: events and marts", "marquee:fresh", "1 is fresh"),
        Panel("Requests", "sum by (route) (route:marquee_api_requests:rate5m)", "{{route}}", "reqps"),
        Panel("Errors", "sum by (route) (route:marquee_api_errors:rate5m) or vector(0)", "{{route}}", "reqps"),
        Panel("99th percentile", "route:marquee_api_seconds:p99_5m", "{{method}} {{route}}", "s"),
        Panel("Watched this minute", "max by (metric, edge) (marquee_live)", "{{metric}} {{edge}}"),
        Panel("Alarms of viewers", "max by (alarm, edge) (marquee_alarm) or vector(0)", "{{alarm}} {{edge}}"),
        Panel("Processes that answer", "sum by (job) (up)", "{{job}}"),
    ),
    "Content and edges": (
        Panel("Longest wait by pool", "max by (pool) (marquee_pool_queue_age_seconds)", "{{pool}}", "s"),
        Panel("Tasks", "max by (pool, state) (marquee_pool_tasks)", "{{pool}} {{state}}"),
        Panel("Encode speed: seconds made per second of a place", "marquee:encode_speed", "speed"),
        Panel("Edges: requests", "edge:marquee_edge_requests:rate5m", "{{edge}}", "reqps"),
        Panel("Edges: found in cache", "edge:marquee_edge_hits:ratio_rate30m", "{{edge}}", "percentunit"),
        Panel("Edges: delivered", "sum by (edge) (rate(marquee_edge_bytes_total[5m])) * 8", "{{edge}}", "bps"),
        Panel("Cost of an hour encoded", "marquee:cost_per_hour_encoded", "per hour"),
        Panel("Cost of an hour streamed", "marquee:cost_per_hour_streamed", "per hour"),
        Panel("Replicas damaged within a day", "max(marquee_replicas_damaged)", "replicas"),
    ),
    "Platform": (
        Panel("Standbys: behind", "max by (standby) (marquee_database_replication_lag_seconds)", "{{standby}}", "s"),
        Panel("Database: connections", "max(marquee_database_connections)", "connections"),
        Panel("Airflow: since the last sign of life", "max by (process) (marquee_airflow_heartbeat_age_seconds)",
              "{{process}}", "s"),
        Panel("Logs not shipped: age", "max by (log) (marquee_log_age_seconds)", "{{log}}", "s"),
        Panel("Marts: age", "max(marquee_marts_age_seconds)", "marts", "s"),
        Panel("Recommendations: age", "max(marquee_recommendations_age_seconds)", "recommendations", "s"),
        Panel("Certificates: time left", "min by (server) (marquee_certificate_until_seconds) - time()",
              "{{server}}", "s"),
        Panel("Disks: room left", "marquee_disk_free_bytes / marquee_disk_size_bytes", "{{folder}}", "percentunit"),
        Panel("Gateway and edges that answer", "max by (server) (marquee_server_up)", "{{server}}"),
        Panel("Parts that can be read", "max by (part) (marquee_part_up)", "{{part}}"),
    ),
}  # fmt: skip


def rendered(title: str, panels: tuple[Panel, ...]) -> str:
    """A dashboard as Grafana reads it."""
    board = dashboard.Dashboard(f"Marquee: {title}").uid(file_of(title).stem).tags(["marquee"]).readonly()
    board = board.refresh("30s").time("now-6h", "now")
    for panel in panels:
        board = board.with_panel(_graph(panel))
    return JSONEncoder(sort_keys=True, indent=2).encode(board.build()) + "\n"


def file_of(title: str) -> Path:
    """Where a dashboard is kept."""
    return FOLDER / f"marquee-{title.lower().replace(' ', '-')}.json"


def _graph(panel: Panel) -> timeseries.Panel:
    query = prometheus.Dataquery().expr(panel.query).legend_format(panel.legend).datasource(SOURCE)
    graph = timeseries.Panel().title(panel.title).datasource(SOURCE).unit(panel.unit).height(HEIGHT).span(WIDTH)
    return graph.with_target(query)


def main() -> None:
    """Write all of them."""
    for title, panels in DASHBOARDS.items():
        file_of(title).write_text(rendered(title, panels))


if __name__ == "__main__":
    main()
