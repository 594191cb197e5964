"""All parts of the platform, in the order in which they are shown."""

from marquee.health import airflow, alarms, certificates, database, freshness, machine, servers
from marquee.health.checks import Part
from marquee.settings import Settings


def parts(s: Settings) -> list[Part]:
    """Every part that the settings call for."""
    subjects = (alarms, servers, database, airflow, freshness, machine, certificates)
    return [part for subject in subjects for part in subject.parts(s)]
