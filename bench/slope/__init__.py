"""Whether a rung's bits are better spread over its chunks by equal slope than by one CRF."""
