"""The name under which the parts of an embedded Airflow find each other: all of them are on this machine."""


def loopback() -> str:
    return "127.0.0.1"
