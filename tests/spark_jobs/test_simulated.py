"""A simulated world whose truth is known, with everything that may go wrong on the way: the jobs find the truth."""

from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq

from marquee.contracts.lake import EVENTS, PLAYBACKS, SESSIONS
from marquee.viewing import lake
from marquee.viewing.simulation.spec import USUAL_FAULTS, Spec
from marquee.viewing.simulation.true_sessions import sessions
from marquee.viewing.simulation.world import simulate
from spark_jobs.jobs import run

SPEC = Spec(viewers=120, titles=60, days=4, start=date(2026, 3, 2), seed=7, visits=0.9, faults=USUAL_FAULTS)


def stored(table):
    paths = [lake.store().fetch(key) for key in lake.store().keys(table.name)]
    rows = pa.concat_tables([pq.ParquetFile(path).read() for path in paths]).to_pylist()
    return {row[table.key[0]]: row for row in rows}


def test_the_jobs_find_the_truth(lake_home):
    chunks = list(simulate(SPEC))
    for chunk in chunks:
        lake.write(EVENTS, "simulated.parquet", chunk.events, dt=chunk.dt, hour=chunk.hour)
    run(["playbacks", "sessions"], {date.fromisoformat(chunk.dt) for chunk in chunks})
    true = pa.concat_tables([chunk.playbacks for chunk in chunks])
    assert stored(PLAYBACKS) == {row["session_id"]: row for row in true.to_pylist()}
    assert stored(SESSIONS) == {row["viewing_session_id"]: row for row in sessions(true).to_pylist()}
