/** The API's answers under the names that the web app uses; the generated types are in schema.ts. */

export type {
  Account,
  AuditPage,
  DeviceList,
  TotpProposal,
  EpisodeOf as Episode,
  HomePage as HomeRows,
  Manifest as ManifestLink,
  NewProfile,
  PlaybackGrant as Grant,
  Profile,
  ProfileList,
  Row,
  RowItem,
  Segment as Mark,
  TitleCard,
  TitleDetail as Title,
  TitlePage,
} from "./schema";
