"""Viewing: whose viewing counts, and what marts and models are made with."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr

from marquee.settings.installation import Installation, Profile


class Audience(StrEnum):
    """Whose viewing counts. Simulated viewers are never mixed with real ones unless that is asked for."""

    REAL = "real"
    SIMULATED = "simulated"
    ALL = "all"

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of the viewers that count, as the lake's rows name them."""
        real, simulated = ("demo", "account", "imported"), ("simulated",)
        return {Audience.REAL: real, Audience.SIMULATED: simulated}.get(self, real + simulated)


class Viewing(Installation):
    """Spark, the audience, the demand forecast and the models, and the topic that events may go by."""

    audience: Audience | None = None  # whose viewing marts and models are made of
    spark_master: str = "local[*]"
    spark_memory: str = Field(default="1g", pattern=r"^[1-9]\d*[mg]$")  # heap of the Spark driver
    live_metrics: bool = False  # run the streaming job that says what is being watched this minute
    # Brokers of the Kafka protocol, by whose topic events go from the log into the lake; none: by the log's own files.
    events_kafka: str = Field(default="", pattern=r"^$|^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$")
    events_topic: str = Field(default="marquee-events", pattern=r"^[A-Za-z0-9._-]{1,249}$")
    events_kafka_tls: bool = False
    events_kafka_ca: Path | None = None  # whose certificates the brokers have; the system's where none is named
    events_kafka_user: str = ""
    events_kafka_password: SecretStr = SecretStr("")
    events_kafka_sasl: str = Field(default="SCRAM-SHA-512", pattern=r"^(PLAIN|SCRAM-SHA-256|SCRAM-SHA-512)$")
    country_header: str = ""  # request headers by which the operator's own proxy names a viewer's country and ISP
    isp_header: str = ""
    premium_plays: float = Field(default=1000, gt=0)  # expected in a day, from which a title earns premium encodes
    model_seed: int = 20_200_101
    tuning_trials: int = Field(default=0, ge=0)  # of the nightly search for hyper-parameters; 0 takes the kept ones

    @property
    def counted(self) -> Audience:
        """Whose viewing marts and models are made of: everybody's in the demo, real viewers' in production."""
        return self.audience or (Audience.REAL if self.profile is Profile.PRODUCTION else Audience.ALL)
