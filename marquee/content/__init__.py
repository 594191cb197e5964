"""A film's way to viewers: delivery, quality control and encoding, DRM, origin replicas, edges.

The stages `delivery media drm origin edge` do not import each other; `pipeline` joins them with the catalogue, one
function per step; `desk` stands above it: what people do to titles afterwards. Nothing here knows the other wings,
Airflow or FastAPI.
"""
