"""The event log: what clients report, durable before it is acknowledged, then shipped into the lake."""
