"""# A title's way to the viewers

**Deliver** a folder into the inbox (a `title.yaml` beside the film), or **trigger** this DAG by hand and name the
delivery. Each run carries one title:

| step | what happens | what you can do |
|---|---|---|
| `ingest` | the sidecar is checked, the film probed and stored by its content hash | a refused delivery lies in quarantine with its reason |
| `quality_control` | picture and sound are measured once and judged against the QC profile | open **QC report** in the tabs of the run |
| `approve` | only when QC warns: the run waits for a person | **Required actions**: waive with a reason, re-encode, or reject |
| `probe` | for a profile that searches its ladder: short test encodes of sampled stretches, each size by itself | |
| `plan` | ladder, frame grid and chunks are chosen | the same delivery again ends here: nothing is made twice; of a track that is replaced, only that track is made |
| `encode`, `make_track` | chunks × rungs in parallel; audio, subtitles and thumbnails beside them | clear a failed task: finished chunks are kept |
| `join_and_verify` | frames, key frames, hashes; VMAF per rendition | |
| `log_ladder` | how a searched ladder was found and what came of it: with the release, and in MLflow | the plot is on the title's page |
| `package` | encrypted DASH and HLS from one set of segments, checked, on three origin replicas | |
| `verify` | the release is read again from its replicas: signature, checksums, manifests, decryption | the finding names the file; `marquee verify` repeats it |
| `publish` | the catalogue's pointer moves, unless the run is to **hold** | the earlier release plays until then; `title_rollback` goes back |
| `warm_up` | both edges are filled before anyone asks | |
| `upgrade` | a title first shown in a few small renditions gets a second run for the wanted ones | **Show something soon** |
"""

from datetime import timedelta

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag

from marquee.settings import settings
from marquee_airflow import tasks

PARAMS = {
    "delivery": Param(
        type="string",
        minLength=1,
        maxLength=80,
        title="Delivery",
        description="A folder in the inbox, or the slug of a title that was delivered before.",
        section="Source",
    ),
    "qc_profile": Param(
        "ebu-r128",
        enum=["ebu-r128", "atsc-a85", "streaming", "archive"],
        values_display={
            "ebu-r128": "EBU R128 (Europe, -23 LUFS)",
            "atsc-a85": "ATSC A/85 (US, -24 LKFS)",
            "streaming": "Streaming (-28 to -16 LUFS, milder on black and silence)",
            "archive": "Archive (any loudness; damage is what counts)",
        },
        title="QC profile",
        description="Which thresholds the title is judged against.",
        section="Source",
    ),
    "ladder": Param(
        "standard",
        enum=["standard", "tailored", "premium", "hdr", "forensic", "preview"],
        values_display={
            "standard": "Standard: H.264 ladder and AV1",
            "tailored": "Tailored: H.264 by a ladder that is searched for the title",
            "premium": "Premium: tailored, VP9 and AV1, E-AC-3 and Opus too; what much wanted titles earn",
            "hdr": "HDR: AV1 and HEVC in 10 bits, H.264 in SDR beside them",
            "forensic": "Forensic: two watermarked variants of everything; a capture tells the session it was made from",
            "preview": "Preview: two small rungs, quick",
        },
        title="Encoding profile",
        description="The ladder never goes above the source.",
        section="Encode",
    ),
    "apply_crop": Param(
        False,
        type="boolean",
        title="Crop black bars",
        description="Cut letterbox or pillarbox bars that QC measured.",
        section="Encode",
    ),
    "crop": Param(
        "",
        type="string",
        pattern=r"^(none|\d{1,5}:\d{1,5}:\d{1,5}:\d{1,5})?$",
        title="Crop to",
        description="width:height:x:y of the source picture, or none; goes before the measured crop. Empty: as above.",
        section="Encode",
    ),
    "priority": Param(
        "normal",
        enum=["low", "normal", "high", "urgent"],
        title="Priority",
        description="An urgent title takes the next free encoding slot.",
        section="Encode",
    ),
    "scheme": Param(
        "cbcs",
        enum=["cbcs", "cenc", "both", "none"],
        values_display={
            "cbcs": "cbcs: all browsers and Apple devices",
            "cenc": "cenc: older PlayReady and Widevine devices",
            "both": "cbcs and cenc from one encode: each player gets what it opens; twice the space",
            "none": "No protection",
        },
        title="DRM scheme",
        description="How segments are encrypted (ISO/IEC 23001-7).",
        section="Protection",
    ),
    "new_keys": Param(
        False,
        type="boolean",
        title="New keys",
        description="With a reused release: the same encodes under fresh content keys.",
        section="Protection",
    ),
    "quick_first": Param(
        False,
        type="boolean",
        title="Show something soon",
        description="A title that viewers do not have yet is first shown in two small renditions; the profile follows.",
        section="Publication",
    ),
    "hold": Param(
        False,
        type="boolean",
        title="Hold for a person",
        description="The release is made and not published: watch it on the title's page, publish it now or at a time.",
        section="Publication",
    ),
    "delivery_id": Param(
        None,
        type=["null", "string"],
        pattern="^[0-9]+$",
        title="Accepted delivery",
        description="Set by the desk: one that was accepted before. Empty: what the field Delivery says.",
        section="Set by the desk",
    ),
    "reuse": Param(
        None,
        type=["null", "string"],
        pattern="^[0-9]+$",
        title="Reused release",
        description="Set by the desk: a release whose encoding holds; only tracks that were replaced are made.",
        section="Set by the desk",
    ),
}


@dag(
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    max_active_runs=32,  # runs that wait for a person count too; encoding is bounded by its pool
    params=PARAMS,
    render_template_as_native_obj=False,
    default_args={
        "owner": "content-ops",
        "retries": 6,  # a process or a machine that dies takes a try; what would fail again is not tried again
        "retry_delay": timedelta(seconds=10),
        "retry_policy": tasks.RETRIES,
        "weight_rule": "absolute",  # the run's priority is added by airflow_local_settings
    },
    tags=["titles"],
    dag_display_name="Title pipeline",
)
def title_pipeline() -> None:
    delivery = tasks.ingest()
    checked = tasks.quality_control(delivery)

    approve = HITLOperator(
        task_id="approve",
        subject="QC asks about {{ ti.xcom_pull('ingest')['name'] }}",
        body="{{ ti.xcom_pull('quality_control')['summary'] }}\n\nThe full report is in the run's tab **QC report**.",
        options=["Waive", "Re-encode", "Reject"],
        defaults="Reject",
        response_timeout=timedelta(hours=settings().approval_timeout_h),
        params={
            "reason": Param("", type="string", title="Reason", description="Compulsory: it is kept with the report.")
        },
    )
    judged = tasks.judge(checked)
    decided = tasks.decide(checked, approve.output)
    planned = tasks.plan(delivery, checked)
    rejected = tasks.reject(checked)
    probes = tasks.probes(delivery, checked)
    judged >> [approve, probes, planned, rejected]
    decided >> [probes, planned, rejected]
    tasks.probe.expand(job=probes) >> planned

    chunks = tasks.encode.expand(job=tasks.chunk_jobs(planned))
    tracks = tasks.make_track.expand(job=tasks.track_jobs(planned))
    joined = tasks.join_and_verify.partial(plan=planned["plan"]).expand(name=tasks.rendition_names(planned))
    packaged = tasks.package(planned["release_id"])
    chunks >> joined >> tasks.log_ladder(planned["plan"])
    [joined, tracks] >> packaged

    verified = tasks.verify(planned["release_id"])
    published = tasks.publish(planned["release_id"])
    warmed = tasks.warm_up.partial(release_id=published["release_id"]).expand(edge=tasks.edge_names())
    packaged >> verified >> published >> warmed
    TriggerDagRunOperator.partial(
        task_id="upgrade",
        trigger_dag_id="title_pipeline",
        skip_when_already_exists=True,
        map_index_template="{{ task.trigger_run_id }}",
    ).expand_kwargs(tasks.upgrades(delivery, published, planned["quick"]))


title_pipeline()
