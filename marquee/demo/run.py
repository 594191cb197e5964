"""The demo: starts everything, publishes a film, prints the addresses, makes the rest in the background."""

from concurrent.futures import Future, ThreadPoolExecutor

from marquee.catalogue.database import migrate
from marquee.contracts.errors import Unavailable
from marquee.demo import members, publishing, rest, sample
from marquee.demo.runs import Say
from marquee.embedded import commands
from marquee.embedded.supervisor import Supervisor
from marquee.settings import Profile, Settings


def run(s: Settings, say: Say) -> None:
    """Bring the platform up, publish the sample film, print the addresses, follow the rest. Safe to run at any time.

    The film is made and published in this process while the servers start, in the preview's few sizes. The rest goes on
    in the background whatever happens to this process. Raises Unavailable when the rest fails, and whatever publishing
    the sample film raises.
    """
    first_time = not Supervisor(s).folder.exists()
    published: list[Future[None]] = []
    with ThreadPoolExecutor(1) as pool:
        if first_time:
            pool.submit(sample.deliver, publishing.inbox())

        def prepare() -> None:
            migrate()
            published.append(pool.submit(_publish, say))

        commands.up(s, say, migrate=prepare)
    for each in published:
        each.result()
    members.make(s)
    print_addresses(s, say)
    if not rest.done():
        _follow_rest(s, say)


def _publish(say: Say) -> None:
    """Publish the sample film unless it ever was; makes its delivery if that is not there."""
    if not publishing.unpublished([sample.SLUG]):
        return
    if not (publishing.inbox() / sample.SLUG).exists():
        say("making the sample film")
        sample.deliver(publishing.inbox())
    publishing.publish(sample.SLUG)
    say("the sample film is published")


def print_addresses(s: Settings, say: Say) -> None:
    """The addresses people use, with the logins of the demo profile."""
    say("")
    for address in commands.addresses(s):
        login = f"   {address.user} / {address.password}" if address.user else ""
        say(f"  {address.name:<14} {address.url}{login}")
    for member in (*members.MEMBERS, members.WATCHER) if s.profile is Profile.DEMO else ():
        say(f"  {'Member':<14} {member.email} / {members.password(s, member.email)}   {member.says}")
    say("")


def _follow_rest(s: Settings, say: Say) -> None:
    background = rest.background(s)
    goes_on = "has begun" if background.start() else "goes on"
    say(f"You can watch now. The rest {goes_on} in the background: Airflow encodes the film in all sizes, 24 short")
    say("films, viewers and a model of what they watch follow. Close this terminal or press Ctrl-C as you like, and")
    say(f"read on in {background.log}.")
    try:
        background.follow(say)
    except KeyboardInterrupt:
        say("the rest goes on in the background")
        return
    if not rest.done():
        raise Unavailable("the rest of the demo stopped; run the demo again to go on", where=str(background.log))
