"""The event log: what clients report, durable before it is acknowledged, then shipped into the lake.

The same shipper carries the edges' logs: `kinds` says what it needs to know of a log.
"""
