"""The logs of the edges: closed, read line by line, linked to playback sessions; `eventlog.ship` carries them.

An edge logs into `<edge_log>/<edge>/<slot>.open`, a file for every 100 seconds, so that none has to be told to open
another one. See docs/adr/0019-edge-logs.md.
"""
