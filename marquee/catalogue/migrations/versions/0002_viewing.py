"""Viewers' data: visits, picks, forgotten viewers; recommendations, charts, forecasts, live figures.

Player events leave the database for the event log.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chart_entries",
        sa.Column("chart", sa.String(), nullable=False),
        sa.Column("territory", sa.String(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("chart", "territory", "rank", name=op.f("pk_chart_entries")),
    )
    op.create_table(
        "demand_forecasts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("territory", sa.String(), nullable=False),
        sa.Column("plays", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", "title_id", "territory", name=op.f("pk_demand_forecasts")),
    )
    op.create_table(
        "experiments",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("arms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_experiments")),
    )
    op.create_table(
        "forgotten_profiles",
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("scrubbed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("profile_id", name=op.f("pk_forgotten_profiles")),
    )
    op.create_table(
        "generations",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("profiles", sa.BigInteger(), nullable=False),
        sa.Column("titles", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("switched_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generations")),
    )
    op.create_index("uq_generations_live", "generations", ["live"], unique=True, postgresql_where="live")
    op.create_table(
        "live_metrics",
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("edge", sa.String(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "metric", "edge", name=op.f("pk_live_metrics")),
    )
    op.create_table(
        "recommendations",
        sa.Column("generation_id", sa.BigInteger(), nullable=False),
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("title_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint("generation_id", "profile_id", name=op.f("pk_recommendations")),
        postgresql_partition_by="LIST (generation_id)",
    )
    op.create_table(
        "similar_titles",
        sa.Column("generation_id", sa.BigInteger(), nullable=False),
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("title_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint("generation_id", "title_id", name=op.f("pk_similar_titles")),
        postgresql_partition_by="LIST (generation_id)",
    )
    op.create_table(
        "profile_picks",
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profiles.id"], name=op.f("fk_profile_picks_profile_id_profiles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["title_id"], ["titles.id"], name=op.f("fk_profile_picks_title_id_titles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("profile_id", "title_id", name=op.f("pk_profile_picks")),
    )
    op.create_table(
        "visits",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("isp", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profiles.id"], name=op.f("fk_visits_profile_id_profiles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_profile_id"), "visits", ["profile_id"], unique=False)
    op.create_index(op.f("ix_visits_started_at"), "visits", ["started_at"], unique=False)
    op.drop_index(op.f("ix_player_events_received_at"), table_name="player_events")
    op.drop_table("player_events")
    op.add_column("playback_sessions", sa.Column("device", sa.String(), server_default="unknown", nullable=False))
    op.add_column("playback_sessions", sa.Column("country", sa.String(), server_default="ZZ", nullable=False))
    op.add_column("playback_sessions", sa.Column("isp", sa.String(), server_default="unknown", nullable=False))
    op.add_column("profiles", sa.Column("country", sa.String(), nullable=True))
    op.add_column("profiles", sa.Column("device", sa.String(), nullable=True))
    op.add_column(
        "profiles", sa.Column("traits", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("profiles", "traits")
    op.drop_column("profiles", "device")
    op.drop_column("profiles", "country")
    op.drop_column("playback_sessions", "isp")
    op.drop_column("playback_sessions", "country")
    op.drop_column("playback_sessions", "device")
    op.create_table(
        "player_events",
        sa.Column("session_id", sa.BIGINT(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BIGINT(), autoincrement=False, nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), autoincrement=False, nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "seq", name=op.f("pk_player_events")),
    )
    op.create_index(op.f("ix_player_events_received_at"), "player_events", ["received_at"], unique=False)
    op.drop_index(op.f("ix_visits_started_at"), table_name="visits")
    op.drop_index(op.f("ix_visits_profile_id"), table_name="visits")
    op.drop_table("visits")
    op.drop_table("profile_picks")
    op.drop_table("similar_titles")
    op.drop_table("recommendations")
    op.drop_table("live_metrics")
    op.drop_index("uq_generations_live", table_name="generations", postgresql_where="live")
    op.drop_table("generations")
    op.drop_table("forgotten_profiles")
    op.drop_table("experiments")
    op.drop_table("demand_forecasts")
    op.drop_table("chart_entries")
