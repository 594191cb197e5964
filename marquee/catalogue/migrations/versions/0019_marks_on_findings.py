"""What people say of QC's findings: that one is false.

Revision ID: 0019
"""

from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

STATEMENTS = (
    """create table qc_marks (id bigint not null, source varchar not null, "check" varchar not null,
    track varchar not null, start_s double precision, end_s double precision, report_id bigint not null,
    profile varchar not null, got varchar not null, reason varchar not null, marked_by varchar not null,
    marked_at timestamptz not null, constraint pk_qc_marks primary key (id),
    constraint fk_qc_marks_report_id_qc_reports foreign key (report_id)
    references qc_reports (id) on delete cascade)""",
    "create index ix_qc_marks_source on qc_marks (source)",
    "create index ix_qc_marks_report_id on qc_marks (report_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("qc_marks")
