"""Use cases of the data plane: what the DAGs, the CLI and the demo call."""
