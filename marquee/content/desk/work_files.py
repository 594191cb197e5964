"""Deletes the work files of plans, but for those by which another plan of the same film is made."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from marquee.content.media.made import shared_files
from marquee.content.pipeline import plans
from marquee.content.pipeline.stores import work

NO_NEW_PLANS = text("lock table releases in share mode")  # a plan that is kept now may need files that go
OTHERS = text(
    """select distinct o.plan from releases r join releases o on o.source = r.source
       where r.plan = :plan and o.plan <> :plan"""
)


def delete_work(session: Session, plan: str, *, remember: bool) -> None:
    """Delete a plan's work files, in a transaction in which no plan is kept. With `remember` the plan itself stays.

    Done again, also after it was killed, it deletes the rest.
    """
    session.execute(NO_NEW_PLANS)
    if made := plans.of_files(plan):
        others = (plans.of_files(other) for other in session.scalars(OTHERS, {"plan": plan}))
        kept = {key for other in others if other for key in shared_files(other)}
        for key in shared_files(made):
            if key not in kept:
                work().delete(key)
    if remember:
        plans.put_aside(plan)
    else:
        plans.forget(plan)
    work().delete(plan)
