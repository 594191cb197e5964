"""The catalogue's tables."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, LargeBinary, MetaData, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from marquee.contracts.ids import new_id


class Base(DeclarativeBase):
    """Every time is stored with its zone; every constraint has a name that migrations can refer to."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (read by SQLAlchemy at class creation)
        int: BigInteger,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: JSONB,
        bytes: LargeBinary,
    }


def now() -> datetime:
    return datetime.now(UTC)


class TitleState(StrEnum):
    """Where a title stands between delivery and viewers."""

    PROCESSING = "processing"  # accepted, not yet published
    ON_HOLD = "on_hold"  # QC asks a person
    REJECTED = "rejected"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class DeliveryState(StrEnum):
    """How intake judged a delivery."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class ReleaseState(StrEnum):
    """Whether viewers can be pointed at a release."""

    BUILDING = "building"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Title(Base):
    """A film or an episode. Viewers see the release that `current_release_id` points to, and no other."""

    __tablename__ = "titles"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    original_language: Mapped[str]
    year: Mapped[int]
    maturity_rating: Mapped[str]
    countries: Mapped[list[str]]
    series: Mapped[str | None]
    season: Mapped[int | None]
    number: Mapped[int | None]
    state: Mapped[str] = mapped_column(default=TitleState.PROCESSING)
    state_reason: Mapped[str | None]
    fingerprint: Mapped[str]  # of the delivery that the metadata came from
    current_release_id: Mapped[int | None] = mapped_column(
        ForeignKey("releases.id", use_alter=True, name="fk_titles_current_release_id_releases")
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    texts: Mapped[list["TitleText"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    genres: Mapped[list["TitleGenre"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="TitleGenre.position"
    )
    credits: Mapped[list["TitleCredit"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="TitleCredit.position"
    )
    windows: Mapped[list["AvailabilityWindow"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    current_release: Mapped["ReleaseRow | None"] = relationship(foreign_keys=[current_release_id], lazy="joined")

    def text(self, language: str | None = None) -> "TitleText":
        """The text in the wanted language, else in the original one."""
        by_language = {t.language: t for t in self.texts}
        return by_language.get(language or "") or by_language[self.original_language]


class TitleText(Base):
    __tablename__ = "title_texts"
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    synopsis: Mapped[str | None]


class TitleGenre(Base):
    __tablename__ = "title_genres"
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), primary_key=True)
    genre: Mapped[str] = mapped_column(primary_key=True, index=True)
    position: Mapped[int]


class Person(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)


class TitleCredit(Base):
    __tablename__ = "title_credits"
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str]
    character: Mapped[str | None]
    person: Mapped[Person] = relationship(lazy="joined")


class AvailabilityWindow(Base):
    """When a title may be shown in a territory ("*" is the world)."""

    __tablename__ = "availability_windows"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), index=True)
    territory: Mapped[str]
    start: Mapped[datetime | None]
    end: Mapped[datetime | None]


class DeliveryRow(Base):
    """A delivery as judged. `document` is the AcceptedDelivery or the Refusal."""

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(index=True)
    fingerprint: Mapped[str]
    state: Mapped[str]
    title_id: Mapped[int | None] = mapped_column(ForeignKey("titles.id", ondelete="SET NULL"), index=True)
    document: Mapped[dict[str, Any]]
    received_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("slug", "fingerprint", "state"),)


class QcReportRow(Base):
    """QC of one delivery. A held title waits until `decision` is set; `page` is the HTML in the work store."""

    __tablename__ = "qc_reports"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), index=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), index=True)
    profile: Mapped[str]
    verdict: Mapped[str]
    document: Mapped[dict[str, Any]]
    page: Mapped[str]
    decision: Mapped[str | None]
    decision_reason: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("delivery_id", "profile"),)


class ReleaseRow(Base):
    """A release. `document` is release.json once it is packaged."""

    __tablename__ = "releases"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), index=True)
    plan: Mapped[str]
    fingerprint: Mapped[str]  # of the delivery it was made from
    state: Mapped[str] = mapped_column(default=ReleaseState.BUILDING)
    document: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("title_id", "plan", "fingerprint"),)


class Publication(Base):
    """The history of a title's pointer: every publication and rollback, and who asked for it."""

    __tablename__ = "publications"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), index=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"))
    action: Mapped[str]  # publish, rollback
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class ContentKeyRow(Base):
    """A content key, wrapped under the master key; never in the clear."""

    __tablename__ = "content_keys"
    kid: Mapped[str] = mapped_column(primary_key=True)  # 32 hex digits
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), index=True)
    track_type: Mapped[str]
    wrapped: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("release_id", "track_type"),)


class ProfileRow(Base):
    """A viewer. `origin` tells real viewers from the demo's and simulated ones."""

    __tablename__ = "profiles"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    languages: Mapped[list[str]]
    kids: Mapped[bool] = mapped_column(default=False)
    origin: Mapped[str]  # demo, account, simulated, imported
    country: Mapped[str | None]
    device: Mapped[str | None]  # the most used, where it is known beforehand
    traits: Mapped[list[str]] = mapped_column(default=list, server_default="[]")  # further features, as name=value
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (Index("uq_profiles_demo", "origin", unique=True, postgresql_where="origin = 'demo'"),)


class PlaybackSessionRow(Base):
    """One playback as granted: bound to the release that was current when it began."""

    __tablename__ = "playback_sessions"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id", ondelete="CASCADE"), index=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), index=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"))
    idempotency_key: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(default="unknown", server_default="unknown")
    country: Mapped[str] = mapped_column(default="ZZ", server_default="ZZ")
    isp: Mapped[str] = mapped_column(default="unknown", server_default="unknown")
    __table_args__ = (UniqueConstraint("profile_id", "idempotency_key"),)


class Progress(Base):
    """Where a profile is in a title."""

    __tablename__ = "progress"
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id", ondelete="CASCADE"), primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), primary_key=True)
    position_ms: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(default=now, server_default=func.now(), onupdate=now)


class ProfilePick(Base):
    """A title chosen at onboarding: what a new profile is recommended from until it has watched."""

    __tablename__ = "profile_picks"
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id", ondelete="CASCADE"), primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), primary_key=True)


class ForgottenProfile(Base):
    """A viewer who was deleted: what still names it is removed from the lake at the next run."""

    __tablename__ = "forgotten_profiles"
    profile_id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, server_default=func.now())
    scrubbed_at: Mapped[datetime | None]


class VisitRow(Base):
    """One showing of the home page: whom it was for, so that the events of the visit can be told whose they are."""

    __tablename__ = "visits"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id", ondelete="CASCADE"), index=True)
    device: Mapped[str] = mapped_column(default="unknown")
    country: Mapped[str] = mapped_column(default="ZZ")
    isp: Mapped[str] = mapped_column(default="unknown")
    started_at: Mapped[datetime] = mapped_column(default=now, index=True)


class Generation(Base):
    """One publication of recommendations. The API answers from the one that `live` marks, whole."""

    __tablename__ = "generations"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    model: Mapped[str]  # name and version in the registry
    audience: Mapped[str]
    live: Mapped[bool] = mapped_column(default=False)
    profiles: Mapped[int] = mapped_column(default=0)
    titles: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    switched_at: Mapped[datetime | None]
    __table_args__ = (Index("uq_generations_live", "live", unique=True, postgresql_where="live"),)


class Recommendation(Base):
    """The best titles of a profile, best first. A partition per generation, so that an old one is dropped at once."""

    __tablename__ = "recommendations"
    generation_id: Mapped[int] = mapped_column(primary_key=True)
    profile_id: Mapped[int] = mapped_column(primary_key=True)
    title_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    __table_args__ = {"postgresql_partition_by": "LIST (generation_id)"}  # noqa: RUF012 (read by SQLAlchemy)


class SimilarTitles(Base):
    """The titles most like one, best first."""

    __tablename__ = "similar_titles"
    generation_id: Mapped[int] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(primary_key=True)
    title_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    __table_args__ = {"postgresql_partition_by": "LIST (generation_id)"}  # noqa: RUF012 (read by SQLAlchemy)


class ChartEntry(Base):
    """A place in a list that is the same for everybody in a territory ("*" is the world); replaced as a whole."""

    __tablename__ = "chart_entries"
    chart: Mapped[str] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)  # from 1
    title_id: Mapped[int]  # no foreign key: a chart may name a title that has left, and is filtered when it is served
    value: Mapped[float]  # what it is ranked by
    made_at: Mapped[datetime] = mapped_column(default=now)


class Experiment(Base):
    """An A/B test of rows. A profile's arm follows from the salt and its id alone; see ml.serving."""

    __tablename__ = "experiments"
    name: Mapped[str] = mapped_column(primary_key=True)
    salt: Mapped[str]
    arms: Mapped[dict[str, Any]]  # arm to its share; the first is the control
    active: Mapped[bool] = mapped_column(default=True)
    started_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class DemandForecast(Base):
    """Plays expected of a title in a territory on a day (UTC)."""

    __tablename__ = "demand_forecasts"
    day: Mapped[date] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(primary_key=True)
    plays: Mapped[float]
    low: Mapped[float]  # bounds of the 80 % interval
    high: Mapped[float]
    model: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=now)


class LiveMetric(Base):
    """What the streaming job saw in one minute (UTC), by edge ("*" is all of them)."""

    __tablename__ = "live_metrics"
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)  # viewers, starts, startup_p50_ms, rebuffer_ratio, failures
    edge: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]
