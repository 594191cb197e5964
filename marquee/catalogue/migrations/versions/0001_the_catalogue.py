"""the catalogue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("name", name=op.f("uq_people_name")),
    )
    op.create_table(
        "player_events",
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "seq", name=op.f("pk_player_events")),
    )
    op.create_index(op.f("ix_player_events_received_at"), "player_events", ["received_at"], unique=False)
    op.create_table(
        "profiles",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("languages", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kids", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles")),
    )
    op.create_index("uq_profiles_demo", "profiles", ["origin"], unique=True, postgresql_where="origin = 'demo'")
    op.create_table(
        "titles",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("original_language", sa.String(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("maturity_rating", sa.String(), nullable=False),
        sa.Column("countries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("series", sa.String(), nullable=True),
        sa.Column("season", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_reason", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("current_release_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["current_release_id"], ["releases.id"], name="fk_titles_current_release_id_releases", use_alter=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_titles")),
        sa.UniqueConstraint("slug", name=op.f("uq_titles_slug")),
    )
    op.create_table(
        "availability_windows",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("territory", sa.String(), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["title_id"], ["titles.id"], name=op.f("fk_availability_windows_title_id_titles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_windows")),
    )
    op.create_index(op.f("ix_availability_windows_title_id"), "availability_windows", ["title_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("title_id", sa.BigInteger(), nullable=True),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["title_id"], ["titles.id"], name=op.f("fk_deliveries_title_id_titles"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("slug", "fingerprint", "state", name=op.f("uq_deliveries_slug_fingerprint_state")),
    )
    op.create_index(op.f("ix_deliveries_slug"), "deliveries", ["slug"], unique=False)
    op.create_index(op.f("ix_deliveries_title_id"), "deliveries", ["title_id"], unique=False)
    op.create_table(
        "progress",
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("position_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profiles.id"], name=op.f("fk_progress_profile_id_profiles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["title_id"], ["titles.id"], name=op.f("fk_progress_title_id_titles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("profile_id", "title_id", name=op.f("pk_progress")),
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["title_id"], ["titles.id"], name=op.f("fk_releases_title_id_titles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("title_id", "plan", "fingerprint", name=op.f("uq_releases_title_id_plan_fingerprint")),
    )
    op.create_index(op.f("ix_releases_title_id"), "releases", ["title_id"], unique=False)
    op.create_table(
        "title_credits",
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("character", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_title_credits_person_id_people")),
        sa.ForeignKeyConstraint(
            ["title_id"], ["titles.id"], name=op.f("fk_title_credits_title_id_titles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("title_id", "position", name=op.f("pk_title_credits")),
    )
    op.create_index(op.f("ix_title_credits_person_id"), "title_credits", ["person_id"], unique=False)
    op.create_table(
        "title_genres",
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("genre", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["title_id"], ["titles.id"], name=op.f("fk_title_genres_title_id_titles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("title_id", "genre", name=op.f("pk_title_genres")),
    )
    op.create_index(op.f("ix_title_genres_genre"), "title_genres", ["genre"], unique=False)
    op.create_table(
        "title_texts",
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("synopsis", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["title_id"], ["titles.id"], name=op.f("fk_title_texts_title_id_titles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("title_id", "language", name=op.f("pk_title_texts")),
    )
    op.create_table(
        "content_keys",
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("track_type", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_content_keys_release_id_releases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_content_keys")),
        sa.UniqueConstraint("release_id", "track_type", name=op.f("uq_content_keys_release_id_track_type")),
    )
    op.create_index(op.f("ix_content_keys_release_id"), "content_keys", ["release_id"], unique=False)
    op.create_table(
        "playback_sessions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profiles.id"], name=op.f("fk_playback_sessions_profile_id_profiles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_playback_sessions_release_id_releases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["title_id"], ["titles.id"], name=op.f("fk_playback_sessions_title_id_titles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playback_sessions")),
        sa.UniqueConstraint(
            "profile_id", "idempotency_key", name=op.f("uq_playback_sessions_profile_id_idempotency_key")
        ),
    )
    op.create_index(op.f("ix_playback_sessions_profile_id"), "playback_sessions", ["profile_id"], unique=False)
    op.create_index(op.f("ix_playback_sessions_title_id"), "playback_sessions", ["title_id"], unique=False)
    op.create_table(
        "publications",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_publications_release_id_releases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["title_id"], ["titles.id"], name=op.f("fk_publications_title_id_titles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
    )
    op.create_index(op.f("ix_publications_title_id"), "publications", ["title_id"], unique=False)
    op.create_table(
        "qc_reports",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("title_id", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_qc_reports_delivery_id_deliveries"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["title_id"], ["titles.id"], name=op.f("fk_qc_reports_title_id_titles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qc_reports")),
        sa.UniqueConstraint("delivery_id", "profile", name=op.f("uq_qc_reports_delivery_id_profile")),
    )
    op.create_index(op.f("ix_qc_reports_delivery_id"), "qc_reports", ["delivery_id"], unique=False)
    op.create_index(op.f("ix_qc_reports_title_id"), "qc_reports", ["title_id"], unique=False)
    op.create_foreign_key("fk_titles_current_release_id_releases", "titles", "releases", ["current_release_id"], ["id"])


def downgrade() -> None:
    op.drop_constraint("fk_titles_current_release_id_releases", "titles")
    op.drop_index(op.f("ix_qc_reports_title_id"), table_name="qc_reports")
    op.drop_index(op.f("ix_qc_reports_delivery_id"), table_name="qc_reports")
    op.drop_table("qc_reports")
    op.drop_index(op.f("ix_publications_title_id"), table_name="publications")
    op.drop_table("publications")
    op.drop_index(op.f("ix_playback_sessions_title_id"), table_name="playback_sessions")
    op.drop_index(op.f("ix_playback_sessions_profile_id"), table_name="playback_sessions")
    op.drop_table("playback_sessions")
    op.drop_index(op.f("ix_content_keys_release_id"), table_name="content_keys")
    op.drop_table("content_keys")
    op.drop_table("title_texts")
    op.drop_index(op.f("ix_title_genres_genre"), table_name="title_genres")
    op.drop_table("title_genres")
    op.drop_index(op.f("ix_title_credits_person_id"), table_name="title_credits")
    op.drop_table("title_credits")
    op.drop_index(op.f("ix_releases_title_id"), table_name="releases")
    op.drop_table("releases")
    op.drop_table("progress")
    op.drop_index(op.f("ix_deliveries_title_id"), table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_slug"), table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_availability_windows_title_id"), table_name="availability_windows")
    op.drop_table("availability_windows")
    op.drop_table("titles")
    op.drop_index("uq_profiles_demo", table_name="profiles", postgresql_where="origin = 'demo'")
    op.drop_table("profiles")
    op.drop_index(op.f("ix_player_events_received_at"), table_name="player_events")
    op.drop_table("player_events")
    op.drop_table("people")
