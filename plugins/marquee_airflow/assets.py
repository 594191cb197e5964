"""The data assets that join the DAGs, as Airflow knows them."""

from airflow.sdk import Asset, AssetWatcher

from marquee.contracts.assets import CATALOGUE, DELIVERIES, EDGES
from marquee_airflow.triggers import DeliveryTrigger

DELIVERIES_ASSET = Asset(*DELIVERIES, watchers=[AssetWatcher(name="inbox", trigger=DeliveryTrigger())])
CATALOGUE_ASSET = Asset(*CATALOGUE)
EDGES_ASSET = Asset(*EDGES)
