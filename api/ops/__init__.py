"""For operators and integrators: health, metrics and the reference of this API."""
