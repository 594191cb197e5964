"""The data assets that join the DAGs, as Airflow knows them."""

from airflow.sdk import Asset, AssetWatcher

from marquee.contracts.assets import (
    CATALOGUE,
    DELIVERIES,
    DEMAND,
    EDGES,
    EVENT_LOG,
    EXPORTS,
    MARTS,
    MODEL,
    RECOMMENDATIONS,
    SESSIONS,
    TITLES_DUE,
)
from marquee_airflow.triggers import DeliveryTrigger, ExportTrigger, TitlesTrigger

DELIVERIES_ASSET = Asset(*DELIVERIES, watchers=[AssetWatcher(name="inbox", trigger=DeliveryTrigger())])
CATALOGUE_ASSET = Asset(*CATALOGUE)
TITLES_DUE_ASSET = Asset(*TITLES_DUE, watchers=[AssetWatcher(name="due", trigger=TitlesTrigger())])
EDGES_ASSET = Asset(*EDGES)
EVENT_LOG_ASSET = Asset(*EVENT_LOG)
SESSIONS_ASSET = Asset(*SESSIONS)
MARTS_ASSET = Asset(*MARTS)
MODEL_ASSET = Asset(*MODEL)
RECOMMENDATIONS_ASSET = Asset(*RECOMMENDATIONS)
DEMAND_ASSET = Asset(*DEMAND)
EXPORTS_ASSET = Asset(*EXPORTS, watchers=[AssetWatcher(name="asked", trigger=ExportTrigger())])
