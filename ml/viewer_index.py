"""Index of a model's rows to profiles: kept in the lake, apart from the model, so that it can be deleted."""

import io

import numpy as np
from numpy.typing import NDArray

from marquee.viewing import lake


def key(run_id: str) -> str:
    return f"features/run={run_id}/profiles.parquet"


def write(run_id: str, users: NDArray[np.int64]) -> None:
    """Keep `row, profile_id`. A deleted viewer's line is removed from it; the row then stands for nobody."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.table({"row": np.arange(len(users)), "profile_id": users}), buffer, compression="zstd")
    lake.store().write(key(run_id), buffer.getvalue())


def read(run_id: str, count: int) -> NDArray[np.int64]:
    """The profile of each of `count` rows; 0 for those that stand for nobody any more. Raises NotFound."""
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(lake.store().read(key(run_id))))
    users = np.zeros(count, np.int64)
    users[table["row"].to_numpy()] = table["profile_id"].to_numpy()
    return users
