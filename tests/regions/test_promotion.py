"""One region takes writes, whatever is lost; what was acknowledged synchronously is kept."""

import psycopg
import pytest

from marquee.contracts.errors import Conflict, NotFound


@pytest.mark.parametrize("world", [1], indirect=True)
def test_a_lost_primary_is_replaced_and_comes_back(world) -> None:
    world.write(1)
    with pytest.raises(Conflict, match="takes writes"):
        world.promote("us")
    with pytest.raises(NotFound, match="eu, us, ap"):
        world.promote("mars")
    before = world.standing("eu").timeline
    world.lose("eu")
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
    assert world.writers() == [taken]
    assert world.rejoin("eu") == taken
    world.until_all_follow(taken)
    world.until(lambda: world.read("eu") == [1, 2])
