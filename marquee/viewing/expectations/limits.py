"""Every threshold of the checkpoints, in one place, with its reason."""

SERVER_SKEW_MS = 5_000  # between two of our own machines: time servers keep them within a second
VIEWER_SKEW_MS = 300_000  # a viewer's clock further off than five minutes is set wrong, not merely drifting
SKEWED_WARN = 0.05  # of sessions: more wrong clocks than households have them
SKEWED_FAIL = 0.5  # when most viewers are wrong, it is our clock that is
VIEWER_TIME_MS = (1_577_836_800_000, 4_102_444_800_000)  # 2020 to 2100, as the event log checks it
POSITION_TOLERANCE_MS = 10_000  # the last segment's end and the container's rounding lie beyond the stated length
STRAY = 0.01  # share of rows that one broken or hostile client may spoil without stopping everybody's marts
STRAY_ROWS = 100  # and below so many rows a share says nothing
SNAPSHOT_LAG = 0.01  # titles and profiles may be newer than their snapshot in the lake
COPIES_WARN = (
    0.05  # of events: clients repeat a batch whose answer was lost; more than this and they repeat for nothing
)
DEAD_WARN = 0.01  # a client version that is released with a mistake shows here first
DEAD_FAIL = 0.2  # what remains is no fair sample of what was watched
BEACONS_WARN = 0.05  # of sessions and edges: pages that die take the last events of some with them
EDGE_LOG_WARN = 0.01  # of sessions and edges: edges lose lines when their disk is full, and else never
BUSY_SESSIONS = 50  # in the hours before and after: then an empty hour has a chance of e^-50
STREAMS_FAIL = 0.1  # of a day's streams without a playback: more than what was shipped while Spark ran
WATCH_RATE = 4  # of wall time, plus the slack below for every event: what counts as viewing, by its definition
WATCH_SLACK_MS = 2_000
PAUSE_MS = 1_800_000  # the longest pause inside one viewing session
STARTUP_MAX_MS = 600_000  # nobody waits ten minutes for a first frame: a clock was set meanwhile
ROUNDING = 1e-6  # of figures that were computed twice, in another order
SHARE_LAG = 0.01  # of the simulated share: playbacks may have come since the marts were built

FRAME_ROWS = 1_000  # rows that break a rule, and as many that break none, are handed to Great Expectations
FIRST_ROWS = 20  # named in the error
KEY_ROWS = 4_000_000  # up to which keys are counted one by one; beyond, an even share of the streams is
KEPT_RUNS = 200
