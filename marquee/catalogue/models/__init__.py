"""The tables, a file per noun. Importing this package registers all of them."""

from marquee.catalogue.models.accounts import AccountRow, EmailAddress
from marquee.catalogue.models.attempts import AttemptRow
from marquee.catalogue.models.audit import AuditEntry
from marquee.catalogue.models.base import Base, now
from marquee.catalogue.models.billing import BillingNotice, InvoiceRow, PaymentRow, SubscriptionChange
from marquee.catalogue.models.charts import ChartEntry
from marquee.catalogue.models.collections import CollectionRow, CollectionText, CollectionTitle
from marquee.catalogue.models.deliveries import DeliveryRow, DeliveryState, QcReportRow
from marquee.catalogue.models.demand import DemandForecast
from marquee.catalogue.models.devices import DeviceRow
from marquee.catalogue.models.experiments import Experiment
from marquee.catalogue.models.exports import ExportRow
from marquee.catalogue.models.identities import IdentityRow
from marquee.catalogue.models.integrity import ReleaseCheckRow, ReplicaFindingRow
from marquee.catalogue.models.live import LiveMetric
from marquee.catalogue.models.mails import MailRow
from marquee.catalogue.models.one_time_links import OneTimeLink
from marquee.catalogue.models.opinions import TitleOpinion
from marquee.catalogue.models.passkeys import PasskeyRow, SpentChallenge
from marquee.catalogue.models.playback_sessions import PlaybackSessionRow
from marquee.catalogue.models.previews import PreviewRow
from marquee.catalogue.models.profiles import DeletedProfile, ProfilePick, ProfileRow
from marquee.catalogue.models.progress import Progress
from marquee.catalogue.models.qc_marks import QcMark
from marquee.catalogue.models.recommendations import Generation, Recommendation, SimilarTitles
from marquee.catalogue.models.releases import ContentKeyRow, Publication, ReleaseRow, ReleaseState
from marquee.catalogue.models.search_misses import SearchMiss
from marquee.catalogue.models.second_factors import RecoveryCode, TotpRow
from marquee.catalogue.models.series import SeriesRow, SeriesVersion
from marquee.catalogue.models.streams import StreamRow
from marquee.catalogue.models.subscriptions import SubscriptionRow
from marquee.catalogue.models.title_versions import TitleVersion
from marquee.catalogue.models.titles import (
    AvailabilityWindow,
    Person,
    Title,
    TitleCredit,
    TitleGenre,
    TitleState,
    TitleText,
)
from marquee.catalogue.models.visits import VisitRow

__all__ = [
    "AccountRow",
    "AttemptRow",
    "AuditEntry",
    "AvailabilityWindow",
    "Base",
    "BillingNotice",
    "ChartEntry",
    "CollectionRow",
    "CollectionText",
    "CollectionTitle",
    "ContentKeyRow",
    "DeletedProfile",
    "DeliveryRow",
    "DeliveryState",
    "DemandForecast",
    "DeviceRow",
    "EmailAddress",
    "Experiment",
    "ExportRow",
    "Generation",
    "IdentityRow",
    "InvoiceRow",
    "LiveMetric",
    "MailRow",
    "OneTimeLink",
    "PasskeyRow",
    "PaymentRow",
    "Person",
    "PlaybackSessionRow",
    "PreviewRow",
    "ProfilePick",
    "ProfileRow",
    "Progress",
    "Publication",
    "QcMark",
    "QcReportRow",
    "Recommendation",
    "RecoveryCode",
    "ReleaseCheckRow",
    "ReleaseRow",
    "ReleaseState",
    "ReplicaFindingRow",
    "SearchMiss",
    "SeriesRow",
    "SeriesVersion",
    "SimilarTitles",
    "SpentChallenge",
    "StreamRow",
    "SubscriptionChange",
    "SubscriptionRow",
    "Title",
    "TitleCredit",
    "TitleGenre",
    "TitleOpinion",
    "TitleState",
    "TitleText",
    "TitleVersion",
    "TotpRow",
    "VisitRow",
    "now",
]
