"""The tasks of Marquee's DAGs: each calls one use case of marquee.content.pipeline and passes on small JSON.

Imports stay inside the tasks, because Airflow parses the DAG files, and so this one, in every task process.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, TriggerRule, get_current_context, task

from marquee_airflow.assets import CATALOGUE_ASSET, EDGES_ASSET

Json = dict[str, Any]

ERRORS = "marquee.contracts.errors"
RETRIES = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=[f"{ERRORS}.{name}" for name in ("DeliveryRefused", "InvalidInput", "NotFound", "GateFailed")],
            action=RetryAction.FAIL,
            reason="the same input will fail the same way",
        ),
        RetryRule(exception=f"{ERRORS}.MarqueeError", action=RetryAction.RETRY, retry_delay=timedelta(seconds=5)),
    ]
)
TRANSCODE = {"pool": "transcode", "queue": "transcode", "priority_weight": 10}
PLANNING = ["probes", "plan"]  # what follows when a title is to be made
JOB_NAME = "{{ task.op_kwargs['job']['name'] }}"


def _actor() -> str:
    """Who asked for this run, for the catalogue's history."""
    run = get_current_context()["dag_run"]
    return getattr(run, "triggering_user_name", None) or f"airflow:{getattr(run.run_type, 'value', run.run_type)}"


def _number(text: str | None) -> int | None:
    """An id of the catalogue in a form's field."""
    return int(text) if text else None


@task
def scan_inbox() -> list[Json]:
    """Every complete delivery, as the configuration of a run of its own.

    The run id holds a stamp of the folder's state: the same folder never starts two runs, a new delivery does.
    """
    from marquee.content.pipeline import ingest

    return [
        {"conf": {"delivery": slug}, "trigger_run_id": f"delivery__{slug}__{stamp}"} for slug, stamp in ingest.ready()
    ]


@task
def ingest(params: Json) -> Json:
    """Accept the delivery into the mezzanine store and the catalogue, or refuse it with its reason."""
    from marquee.content.pipeline import ingest as use_case

    taken = use_case.ingest(params["delivery"].strip(), delivery_id=_number(params["delivery_id"]))
    return taken.model_dump(mode="json")


@task(**TRANSCODE | {"priority_weight": 50})  # one short look per title, before any queue of chunks
def quality_control(delivery: Json, params: Json) -> Json:
    """Measure picture and sound, check the expectations of the QC profile, write the report."""
    from marquee.content.pipeline import quality

    return quality.check(int(delivery["delivery_id"]), params["qc_profile"]).model_dump(mode="json")


@task.branch
def judge(checked: Json) -> list[str]:
    """Pass goes on, fail stops, warn asks a person unless one has decided on this very report before."""
    if checked["decision"] == "Reject" or checked["verdict"] == "fail":
        return ["reject"]
    return PLANNING if checked["verdict"] == "pass" or checked["decision"] else ["approve"]


@task.branch
def decide(checked: Json, answer: Json) -> list[str]:
    """Record the person's decision and follow it."""
    from marquee.content.pipeline import quality

    chosen = answer["chosen_options"][0]
    who = (answer.get("responded_by_user") or {}).get("name") or "nobody, in time"
    reason = answer["params_input"].get("reason") or ("" if answer.get("responded_by_user") else "no answer in time")
    quality.decide(int(checked["report_id"]), chosen, reason, who)
    return ["reject"] if chosen == quality.REJECT else PLANNING


@task(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
def reject(checked: Json) -> None:
    """End the run as failed, with what QC or a person said."""
    from airflow.sdk.exceptions import AirflowFailException

    raise AirflowFailException(f"rejected:\n{checked['summary']}")


@task(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
def probes(delivery: Json, checked: Json, params: Json) -> list[Json]:
    """The test encodes by which this title's ladder is searched; none for a profile with fixed rungs."""
    from marquee.content.pipeline import planning

    wanted = planning.probes(
        int(delivery["delivery_id"]),
        int(checked["report_id"]),
        ladder=_first_ladder(delivery, params),
        apply_crop=params["apply_crop"],
        crop=params["crop"],
        reuse=_number(params["reuse"]),
    )
    return [probe.model_dump(mode="json") for probe in wanted]


@task(**TRANSCODE | {"priority_weight": 30}, map_index_template=JOB_NAME)  # a title's own chunks wait for them
def probe(job: Json) -> Json:
    """Encode the sampled stretches at one size and score them; a probe that was made before is found."""
    from marquee.content.pipeline import laddering
    from marquee.contracts.ladder import Probe

    return laddering.probe(Probe.model_validate(job)).model_dump(mode="json")


@task(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS, multiple_outputs=True)
def plan(delivery: Json, checked: Json, params: Json) -> Json:
    """Choose ladder, grid and chunks. A release of the same plan that is already shown ends the run here."""
    from marquee.content.pipeline import planning
    from marquee.contracts.plan import DrmScheme

    ladder = _first_ladder(delivery, params)
    planned = planning.plan(
        int(delivery["delivery_id"]),
        int(checked["report_id"]),
        ladder=ladder,
        scheme=DrmScheme(params["scheme"]),
        apply_crop=params["apply_crop"],
        crop=params["crop"],
        reuse=_number(params["reuse"]),
        new_keys=params["new_keys"],
    )
    return planned.model_dump(mode="json") | {"quick": ladder != params["ladder"]}


def _first_ladder(delivery: Json, params: Json) -> str:
    """The profile of this run: a small one where something is to be shown soon; a second run makes the wanted one."""
    from marquee.content.pipeline import showing_first

    quickly = params["quick_first"] and not params["hold"] and not params["reuse"]
    return showing_first.first_ladder(int(delivery["delivery_id"]), params["ladder"], quickly=quickly)


def _unless_published(planned: Json, jobs: list[Any]) -> list[Any]:
    """The jobs, or a skip when viewers already get this very release: the same delivery again makes nothing."""
    from airflow.sdk.exceptions import AirflowSkipException

    if planned["published"]:
        raise AirflowSkipException("this release is already shown: nothing to do")
    return jobs


@task
def chunk_jobs(planned: Json) -> list[Json]:
    """Chunks x rungs, in the order in which they are best encoded."""
    return _unless_published(planned, planned["chunks"])


@task
def track_jobs(planned: Json) -> list[Json]:
    """Everything that is made whole: audio tracks, subtitles, pictures."""
    return _unless_published(planned, planned["tracks"])


@task
def rendition_names(planned: Json) -> list[str]:
    """The video renditions."""
    return _unless_published(planned, planned["rungs"])


@task(**TRANSCODE, map_index_template=JOB_NAME)
def encode(job: Json) -> Json:
    """Encode one chunk at one rung; one that was encoded before is found by its content key."""
    from marquee.content.pipeline import encoding
    from marquee.contracts.plan import ChunkJob

    return encoding.encode(ChunkJob.model_validate(job)).model_dump(mode="json")


@task(**TRANSCODE | {"priority_weight": 20}, map_index_template=JOB_NAME)  # each is one piece: none at the end
def make_track(job: Json) -> None:
    """Encode an audio track whole, convert subtitles to WebVTT, or make thumbnails and poster."""
    from marquee.content.pipeline import encoding
    from marquee.contracts.plan import TrackJob

    encoding.make_track(TrackJob.model_validate(job))


@task(**TRANSCODE, map_index_template="{{ task.op_kwargs['name'] }}")
def join_and_verify(plan: str, name: str) -> Json:
    """Join a rendition's chunks, check frames, key frames and hashes, and score it with VMAF."""
    from marquee.content.pipeline import encoding

    return encoding.join_and_verify(plan, name).model_dump(mode="json")


@task
def log_ladder(plan: str) -> str:
    """Keep what came of a searched ladder, and log it to MLflow as a run of `encoding`; skipped for a fixed ladder."""
    from airflow.sdk.exceptions import AirflowSkipException

    from marquee.content.pipeline import laddering
    from marquee.contracts.errors import Unavailable
    from ml import encoding

    if (found := laddering.settle(plan)) is None:
        raise AirflowSkipException("the ladder of this profile is fixed")
    try:
        return encoding.log_ladder(plan, found)
    except Unavailable as away:
        raise AirflowSkipException(f"kept with the plan, not logged: {away}") from None


@task
def package(release_id: str) -> None:
    """Make the encrypted CMAF set with its manifests, check its laws, and copy it to every origin replica."""
    from marquee.content.pipeline import releasing

    releasing.package(int(release_id))


@task
def verify(release_id: str) -> None:
    """Check the release from its replicas: signature, bytes, manifests, decryption; playing where it is set."""
    from marquee.content.pipeline import verifying
    from marquee.settings import settings

    verifying.require_verified(int(release_id), play=settings().verify_plays)


@task(outlets=[CATALOGUE_ASSET])
def publish(release_id: str, params: Json) -> Json:
    """Move the title's pointer to the release, once every replica holds all of it; skipped where a person wants to."""
    from airflow.sdk.exceptions import AirflowSkipException

    if params["hold"]:
        raise AirflowSkipException("held: watch and publish it on the title's page")
    from marquee.content.pipeline import releasing

    return releasing.publish(int(release_id), actor=_actor()).model_dump(mode="json")


@task
def upgrades(delivery: Json, published: Json, quick: bool, params: Json) -> list[Json]:
    """The run that makes the wanted renditions of a title that is shown in the quick ones; none where it has them."""
    wanted = dict(params) | {"quick_first": False, "delivery_id": delivery["delivery_id"]}
    run_id = f"upgrade__{delivery['slug']}__{published['release_id']}"
    return [{"conf": wanted, "trigger_run_id": run_id}] if quick else []


@task
def edge_names() -> list[str]:
    """The edges of this installation."""
    from marquee.settings import settings

    return list(settings().edges)


@task(map_index_template="{{ task.op_kwargs['edge'] }}", outlets=[EDGES_ASSET])
def warm_up(release_id: str, edge: str) -> Json:
    """Fill one edge's cache in playing order within the byte budget, and verify the hits."""
    from marquee.content.pipeline import releasing

    return releasing.warm_up(int(release_id), edge).model_dump(mode="json")


@task(outlets=[CATALOGUE_ASSET])
def roll_back(params: Json) -> Json:
    """Point a title at an earlier release that is complete on every origin replica."""
    from marquee.content.pipeline import releasing

    wanted = _number(params.get("release_id"))
    return releasing.roll_back(params["title"].strip(), wanted, actor=_actor()).model_dump(mode="json")


@task
def suspect_troubled() -> int:
    """Suspect the releases of which edges could not get files since yesterday; returns how many."""
    from marquee.content.pipeline import scrubbing
    from marquee.viewing.pipeline import edge_errors

    return scrubbing.suspect_troubled(dict(edge_errors.troubled(hours=25)))


@task(trigger_rule=TriggerRule.ALL_DONE)  # what is suspected helps; without it the replicas are read all the same
def scrub(params: Json) -> list[Json]:
    """Check and repair the replicas that are due; what was found. Fails where something could not be repaired."""
    from airflow.sdk.exceptions import AirflowFailException

    from marquee.content.pipeline import scrubbing

    told = scrubbing.scrub_due(most_seconds=params["minutes"] * 60)
    if failed := [f"{each.slug}, release {each.release_id}: {each.failed}" for each in told if each.failed]:
        raise AirflowFailException("\n".join(failed))
    return [each.model_dump(mode="json") for each in told]


@task
def keys_due() -> list[Json]:
    """Titles whose content keys are older than the setting allows, as runs of the title pipeline."""
    from marquee.content.pipeline import rekeying

    return [
        {
            "conf": {
                "delivery": each.slug,
                "delivery_id": str(each.delivery_id),
                "reuse": str(each.release_id),
                "scheme": each.scheme.value,
                "qc_profile": each.qc_profile,
                "new_keys": True,
                "priority": "low",
            },
            "trigger_run_id": f"keys__{each.slug}__{each.release_id}",
        }
        for each in rekeying.due()
    ]
