import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import TypeAdapter, ValidationError

from marquee.contracts import ids
from marquee.contracts.ids import Id, IdFactory, created_ms


def test_ids_grow_and_never_repeat_across_threads() -> None:
    make = IdFactory(worker=7)
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: [make() for _ in range(5000)], range(8)))
    assert all(batch == sorted(batch) for batch in batches)
    assert len({i for batch in batches for i in batch}) == 40_000


def test_an_id_tells_when_it_was_made_and_fits_a_signed_64_bit_column() -> None:
    before = time.time_ns() // 1_000_000
    made = IdFactory(worker=1023)()
    assert before <= created_ms(made) <= time.time_ns() // 1_000_000
    assert 0 < made < 2**63


def test_containers_whose_processes_have_the_same_number_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getpid", lambda: 1)
    workers = set()
    for number in range(50):
        monkeypatch.setattr("socket.gethostname", lambda number=number: f"api-playback-7d9f-{number}")
        workers.add(ids._worker() % 1024)
    assert len(workers) > 40


def test_ids_are_strings_in_json() -> None:
    adapter = TypeAdapter(Id)
    assert adapter.dump_json(2**60 + 1) == b'"1152921504606846977"'
    assert adapter.validate_json(b'"1152921504606846977"') == 2**60 + 1


@pytest.mark.parametrize("bad", [b"null", b"-1", b"9223372036854775808", b'"12x"', b"1.5", b"true"])
def test_what_is_no_id_is_a_validation_error(bad: bytes) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Id).validate_json(bad)
