"""Makes the copies that members have asked for."""

from marquee.logs import log
from marquee.members.exports import upkeep
from marquee.members.exports.files import Making
from marquee.personal import archive
from marquee.tools.scratch import scratch


def make_due() -> int:
    """Make what was asked for and is due; how many there are now.

    A copy that fails is put off, and keeps no other waiting. After a kill it is due again, and is made from the
    beginning.
    """
    made = 0
    while wanted := upkeep.take():
        made += _make(wanted)
    upkeep.give_up()
    return made


def _make(wanted: Making) -> bool:
    try:
        with scratch() as folder:
            file = folder / "export.zip"
            rows = archive.write(file, wanted.account_id)
            kept = upkeep.keep(wanted, file)
    except Exception as error:  # whatever it is, it must not keep the others waiting
        upkeep.put_off(wanted, type(error).__name__)
        log.warning("export put off", export_id=wanted.export_id, attempt=wanted.attempt, exc_info=True)
        return False
    log.info("export made", export_id=wanted.export_id, rows=rows, kept=kept)
    return kept
