"""Names and URIs of the data assets that join the DAGs."""

DELIVERIES = ("deliveries", "x-marquee://deliveries")
CATALOGUE = ("catalogue", "x-marquee://catalogue")
EDGES = ("edges", "x-marquee://edges")
