"""One region takes writes, whatever is lost; what was acknowledged synchronously is kept."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from marquee.contracts.errors import Conflict, MarqueeError, NotFound
from marquee.regions import promotion
from marquee.regions.guard import Guard
from marquee.regions.serving import serve

SYNCHRONOUS = 1


def test_whatever_is_lost_one_region_takes_writes(world, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other in the same regions, which take a while to make."""
    monkeypatch.setattr(promotion, "GRACE_S", 1.0)
    monkeypatch.setattr(promotion, "TURN_S", 3.0)
    a_lost_primary_is_replaced_and_comes_back(world)
    a_rewind_that_was_cut_off_is_not_started_and_is_made_good(world)
    of_two_promotions_at_a_time_one_ends_without_a_vote(world)
    without_a_majority_it_fences_itself(world)


def a_lost_primary_is_replaced_and_comes_back(world) -> None:
    world.write(1)
    with pytest.raises(Conflict, match="takes writes"):
        world.promote("us")
    with pytest.raises(NotFound, match="eu, us, ap"):
        world.promote("mars")
    before = world.standing("eu").timeline
    world.lose("eu")
    before_copies = len(world.said)
    taken = world.promote()
    assert taken in ("us", "ap")
    assert world.promote(taken) == taken  # again: nothing is done twice
    world.until_all_follow(taken)
    assert world.standing(taken).timeline == before + 1
    world.write(2)
    assert world.read(taken) == [1, 2]

    # The old one comes back as it was: nobody follows it, so it takes no writes, and its past is not the others'.
    world.start("eu")
    world.until(lambda: world.standing("eu").fence == "start")
    with (
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        psycopg.connect(f"{world.regions['eu'].database}/marquee") as connection,
    ):
        connection.execute("insert into kept values (3)")
    for guard in [Guard(world.server("eu"))] * 3:
        assert guard.step().fence == "start"
    assert world.writers() == [taken]
    assert world.rejoin("eu") == taken
    assert not any("copying" in line for line in world.said[before_copies:])  # it was rewound
    world.until_all_follow(taken)
    world.until(lambda: world.read("eu") == [1, 2])


def a_rewind_that_was_cut_off_is_not_started_and_is_made_good(world) -> None:
    (primary,) = world.writers()
    with pytest.raises(Conflict, match="takes writes"):
        world.rejoin(primary)
    world.lose("ap")
    server = world.server("ap")
    server.half_done.touch()
    (server.postgres.data / "global" / "pg_control").unlink()
    with pytest.raises(Conflict, match="rejoin"):
        serve(server, threading.Event(), world.said.append)
    assert world.rejoin("ap") == primary
    world.start("ap")
    world.until_all_follow(primary)
    assert world.read("ap") == [1, 2]


def of_two_promotions_at_a_time_one_ends_without_a_vote(world) -> None:
    (primary,) = world.writers()
    world.lose(primary)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(world.promote, name) for name in world.regions if name != primary]
    ended = [each.exception() for each in both]
    assert any(ended)
    assert all(error is None or isinstance(error, MarqueeError) for error in ended)
    taken = world.promote(*world.writers())  # whatever is left half done
    world.until_all_follow(taken)
    world.write(3)
    assert world.read(taken) == [1, 2, 3]


def without_a_majority_it_fences_itself(world) -> None:
    (primary,) = world.writers()
    (follower,) = set(world.serving) - {primary}
    world.lose(follower)
    world.until(lambda: world.standing(primary).fence == "lease")
    with pytest.raises(psycopg.OperationalError):  # nowhere are writes taken
        world.write(4)
    with pytest.raises(Conflict, match="no majority"):
        world.promote(primary)
    world.promote(primary, force=True)  # all others are gone for good
    world.write(4)
    world.start(follower)
    world.until(lambda: not world.standing(primary).alone)
    world.write(5)
    world.until(lambda: world.read(follower) == [1, 2, 3, 4, 5])
