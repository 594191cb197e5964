"""Names and URIs of the data assets that join the DAGs."""

DELIVERIES = ("deliveries", "x-marquee://deliveries")
CATALOGUE = ("catalogue", "x-marquee://catalogue")
TITLES_DUE = ("titles_due", "x-marquee://titles/due")
EDGES = ("edges", "x-marquee://edges")
EVENT_LOG = ("event_log", "x-marquee://lake/events")
SESSIONS = ("sessions", "x-marquee://lake/sessions")
MARTS = ("marts", "x-marquee://marts")
MODEL = ("recommender", "x-marquee://models/recommender")
RECOMMENDATIONS = ("recommendations", "x-marquee://recommendations")
DEMAND = ("demand", "x-marquee://demand")
EXPORTS = ("exports", "x-marquee://exports")
