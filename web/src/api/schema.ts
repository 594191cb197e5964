/** Generated from /openapi.json by `make web-types`; not to be edited. */

/**
 * What an account may do beside watching; staff actions are audited in the account they touch.
 */
export type Role = "member" | "support" | "admin";
/**
 * What a member reads in the account's audit trail.
 */
export type AuditKind =
  | "signed-up"
  | "email-verified"
  | "logged-in"
  | "login-failed"
  | "logged-out"
  | "logged-out-everywhere"
  | "token-reused"
  | "device-removed"
  | "password-changed"
  | "password-reset"
  | "email-change-asked"
  | "email-changed"
  | "totp-on"
  | "totp-off"
  | "recovery-code-used"
  | "locked"
  | "unlocked"
  | "role-given"
  | "passkey-added"
  | "passkey-removed"
  | "provider-linked"
  | "plan-changed"
  | "plan-canceled"
  | "plan-kept"
  | "exported"
  | "export-asked"
  | "export-fetched"
  | "deletion-asked"
  | "deletion-taken-back";
export type Kind = "film" | "episode" | "trailer";
/**
 * Age from which a title is suitable; boards' own labels map onto these.
 */
export type MaturityRating = "all" | "6" | "12" | "16" | "18";
/**
 * ISO/IEC 23001-7 protection schemes; `both` are two from one encode, `none` publishes in the clear.
 */
export type DrmScheme = "cbcs" | "cenc" | "both" | "none";
/**
 * How it stands with the copy of what is kept of a member.
 */
export type ExportState = "asked" | "making" | "ready" | "expired" | "failed";
export type RowKind =
  "continue" | "my_list" | "for_you" | "because" | "top10" | "trending" | "new" | "gems" | "leaving";
/**
 * The lists that there are.
 */
export type ListName = "new" | "leaving" | "top10";
/**
 * Why an episode comes next.
 */
export type Why = "continue" | "next" | "first";
/**
 * Where an account comes from; whose viewing counts is decided by it (settings.viewing.Audience).
 */
export type Origin = "demo" | "account" | "simulated" | "imported";
/**
 * Why a title is not to be seen, or not to be played; stable, for people's words and for statistics.
 */
export type Refusal =
  | "withdrawn"
  | "unpublished"
  | "territory"
  | "window"
  | "maturity"
  | "not-signed-in"
  | "email-not-verified"
  | "no-plan"
  | "payment-due"
  | "too-many-streams";
/**
 * As Stripe has them.
 */
export type SubscriptionState = "incomplete" | "trialing" | "active" | "past_due" | "unpaid" | "canceled" | "paused";
/**
 * What a suggestion leads to.
 */
export type SuggestionKind = "title" | "person" | "series" | "genre";
export type BrowseName = "shown" | "search" | "select" | "play";
export type EventName =
  | "viewstart"
  | "loadstart"
  | "manifestloaded"
  | "licenserequest"
  | "licenseresponse"
  | "firstframe"
  | "playing"
  | "pause"
  | "seeking"
  | "seeked"
  | "rebufferstart"
  | "rebufferend"
  | "renditionchange"
  | "cdnchange"
  | "error"
  | "heartbeat"
  | "ended"
  | "viewend";

/**
 * `access_token` lives `expires_in` seconds.
 */
export interface AccessToken {
  access_token: string;
  expires_in: number;
  token_type?: "Bearer";
}
/**
 * The account of who is signed in, and what it may be proven by: a `password`, so many `passkeys`.
 *
 * `delete_at` is when it will be deleted, null unless that was asked for.
 */
export interface Account {
  account_id: string;
  email: string | null;
  email_verified: boolean;
  language: string;
  role: Role;
  created_at: string;
  delete_at: string | null;
  password: boolean;
  passkeys: number;
  totp: boolean;
  recovery_codes_left: number;
}
/**
 * An e-mail address, and the language to write in where it has no account that knows better.
 */
export interface Address {
  email: string;
  language?: string;
}
/**
 * A new address, and the password.
 */
export interface AddressChange {
  password: string;
  email: string;
}
/**
 * A new address, and a passkey.
 */
export interface AddressChangeByPasskey {
  passkey: PasskeyUse;
  email: string;
}
/**
 * What the browser has answered (`PublicKeyCredential.toJSON()`), with the challenge as it was given.
 */
export interface PasskeyUse {
  challenge: string;
  credential: {
    [k: string]: unknown;
  };
}
/**
 * A sound track; `channels` is the most there is of it.
 */
export interface AudioOffer {
  language: string;
  role: string;
  channels: number;
}
/**
 * Something that happened to the account. `actor` is null where the member did it.
 */
export interface AuditEntry {
  at: string;
  kind: AuditKind;
  device: string;
  country: string;
  actor: string | null;
  detail: string;
}
/**
 * Entries, the newest first. `next_before` goes into `before` for the page after this one.
 */
export interface AuditPage {
  items: AuditEntry[];
  next_before: string | null;
}
/**
 * What the player can do. An empty list means that it has not looked.
 *
 * A protected title is refused to a player that names key systems, none of which is served. Codecs are the player's
 * own choice from the manifest; they are accepted for the record of clients that know them.
 */
export interface Capabilities {
  /**
   * @maxItems 50
   */
  codecs?: string[];
  /**
   * @maxItems 50
   */
  drm?: string[];
  /**
   * by which it can decrypt (ISO/IEC 23001-7); empty: all
   *
   * @maxItems 2
   */
  schemes?: ("cbcs" | "cenc")[];
}
/**
 * What a change of plan costs now; negative what is credited to later invoices.
 */
export interface ChangeCost {
  currency: string;
  amount: number;
}
/**
 * A part of the programme, up to the next one. `name` is in the language of `Accept-Language`.
 */
export interface Chapter {
  start_s: number;
  name: string;
}
/**
 * Who watches from now on; with the PIN where the profile has one.
 */
export interface Choice {
  pin?: string | null;
}
/**
 * A JSON Web Key; `k` and `kid` are base64url without padding.
 */
export interface ClearKey {
  kty: "oct";
  kid: string;
  k: string;
}
/**
 * The keys asked for.
 */
export interface ClearKeyLicence {
  keys: ClearKey[];
  type: "temporary";
}
/**
 * A collection that is open now; `titles` is how many of its titles can be seen.
 */
export interface CollectionHead {
  slug: string;
  name: string;
  description: string | null;
  titles: number;
}
/**
 * The collections in which there is something to see, in the order that people gave them.
 */
export interface CollectionList {
  items: CollectionHead[];
}
/**
 * A collection with those of its titles that can be seen now, in order.
 */
export interface CollectionPage {
  slug: string;
  name: string;
  description: string | null;
  items: RowItem[];
}
/**
 * A title in a row.
 *
 * `resume_ms` is where the profile stopped (0: at the beginning), `available_until_ms` when the title leaves (Unix
 * ms; null where that is not known).
 */
export interface RowItem {
  title_id: string;
  slug: string;
  name: string;
  year: number;
  kind: Kind;
  maturity_rating: MaturityRating;
  genres: string[];
  duration_s: number;
  poster_url: string | null;
  poster_widths: number[];
  backdrop_url: string | null;
  backdrop_widths: number[];
  backdrop_focus: Focus | null;
  episode: EpisodeOf | null;
  available_until_ms: number | null;
  resume_ms: number;
}
/**
 * Where a picture is held that is cut to another shape, in shares from left and top: CSS's `object-position`.
 */
export interface Focus {
  x: number;
  y: number;
}
/**
 * The place of an episode in its series; `series` is the slug, `series_name` what viewers read.
 */
export interface EpisodeOf {
  series: string;
  series_name: string;
  season: number;
  number: number;
}
/**
 * Whether both addresses have confirmed, so that the change is made.
 */
export interface Confirmed {
  complete: boolean;
}
/**
 * Who did what.
 */
export interface CreditLine {
  person_id: string;
  name: string;
  role: string;
  character: string | null;
}
/**
 * When the account will be deleted, unless that is taken back before.
 */
export interface Deletion {
  delete_at: string;
}
/**
 * Where the account is signed in; `current` is the device that asks.
 */
export interface Device {
  device_id: string;
  kind: string;
  name: string;
  country: string;
  signed_in_at: string;
  seen_at: string;
  current: boolean;
}
/**
 * All devices, the last seen first.
 */
export interface DeviceList {
  items: Device[];
}
/**
 * Licence servers and server certificates by key system, and the token to send as `Authorization: Bearer`.
 */
export interface Drm {
  servers: {
    [k: string]: string;
  };
  certificates: {
    [k: string]: string;
  };
  token: string;
}
/**
 * A server of media: its name in manifests and logs, and the URL at which its paths begin.
 */
export interface Edge {
  name: string;
  url: string;
}
/**
 * How many events are on disk now, known ones among them, and which were refused.
 */
export interface EventReceipt {
  accepted: number;
  rejected: Rejected[];
}
/**
 * An event that was refused: its place in the batch, the field at fault and why.
 */
export interface Rejected {
  index: number;
  field: string;
  reason: string;
}
/**
 * How it stands with the latest copy; everything is null before the first.
 *
 * `next_at` is from when on another one may be asked for, `size` in bytes, `expires_at` when the file is deleted.
 */
export interface Export {
  state?: ExportState | null;
  asked_at?: string | null;
  next_at?: string | null;
  size?: number | null;
  expires_at?: string | null;
}
/**
 * What the archive is fetched with, as often as needed until it expires; `size` in bytes.
 */
export interface ExportTicket {
  ticket: string;
  expires_at: string;
  size: number;
}
/**
 * How many of all that was found have a value.
 */
export interface FacetValue {
  value: string;
  count: number;
}
/**
 * What was found, counted by value, the most frequent first; at most 30 values of each.
 */
export interface Facets {
  genre?: FacetValue[];
  kind?: FacetValue[];
  language?: FacetValue[];
  decade?: FacetValue[];
}
/**
 * There is only one answer beside the problem: all is well.
 */
export interface Health {
  status: "ok";
}
/**
 * Where the player is in the programme.
 */
export interface Heartbeat {
  position_ms: number;
  /**
   * the player goes away: the session ends with this position
   */
  last?: boolean;
}
/**
 * What the profile has watched, the last first.
 */
export interface History {
  items: Watched[];
}
/**
 * A title that was watched: how far, and when last. `name` is in the language of `Accept-Language`.
 */
export interface Watched {
  title_id: string;
  name: string;
  position_ms: number;
  duration_ms: number | null;
  finished: boolean;
  watched_at: string;
}
/**
 * The rows of a profile, in order. Send `generation` and `arm` back with the events of the visit.
 *
 * `generation` is the publication of recommendations that all of the rows come from (null before the first), `arm`
 * the experiment and the side of it that the profile is on, as `experiment:arm` (null while none runs).
 */
export interface HomePage {
  generation: string | null;
  arm: string | null;
  rows: Row[];
}
/**
 * A row, and why it is there: `reason` for people, `reason_code` for programs.
 *
 * `title` and `reason` are in English. For other languages an app has words of its own, by `reason_code`, and puts
 * `names` into them: those of the titles that the reason speaks of, in the language of `Accept-Language`.
 */
export interface Row {
  kind: RowKind;
  title: string;
  reason: string;
  reason_code: string;
  names: string[];
  items: RowItem[];
}
/**
 * An invoice. `state` is draft, open, paid, uncollectible or void.
 */
export interface Invoice {
  number: string;
  state: string;
  plan: string;
  currency: string;
  subtotal: number;
  discount: number;
  total: number;
  taxes: TaxLine[];
  period_start: string;
  period_end: string;
  created_at: string;
}
/**
 * A tax as the provider states it; `inclusive` when the prices hold it.
 */
export interface TaxLine {
  name: string;
  percentage: string;
  amount: number;
  inclusive: boolean;
}
/**
 * Invoices, the newest first. `next` is what `before` has to be for the next page; null on the last.
 */
export interface InvoiceList {
  items: Invoice[];
  next: string | null;
}
/**
 * The token of a link in a message: what follows the # of its address.
 */
export interface Link {
  token: string;
}
/**
 * Address and password, and a code where the account asks for one.
 *
 * `keep` is where the refresh token goes: into a cookie that scripts cannot read, for browsers, or into the body.
 */
export interface LogIn {
  email: string;
  password: string;
  code?: string | null;
  keep?: "cookie" | "body";
}
/**
 * Whether all devices are signed out, or this one.
 */
export interface LogOut {
  everywhere?: boolean;
}
/**
 * One way to the stream; they come in the order of preference. `url` works as it stands, until the session ends.
 */
export interface Manifest {
  url: string;
  type: "application/dash+xml" | "application/vnd.apple.mpegurl";
  edge: string;
}
/**
 * The token in the paths of media, `/m/<token>/…`. Lives `expires_in` seconds; a heartbeat answers with a new one.
 *
 * A player puts the newest in the place of the one that a manifest has written.
 */
export interface MediaAccess {
  token: string;
  expires_in: number;
}
/**
 * What the browser has made, in the same form.
 */
export interface NewPasskey {
  challenge: string;
  credential: {
    [k: string]: unknown;
  };
}
/**
 * A profile to be made. `picks` are titles that the viewer likes; recommendations begin with them.
 */
export interface NewProfile {
  name: string;
  avatar?: "violet" | "blue" | "green" | "amber" | "red" | "teal" | "pink" | "grey";
  /**
   * @maxItems 10
   */
  languages?: string[];
  kids?: boolean;
  age_limit?: (0 | 6 | 12 | 16) | null;
  pin?: string | null;
  /**
   * @maxItems 20
   */
  picks?: string[];
}
/**
 * The episode to watch now, and why it is that one.
 */
export interface NextEpisode {
  episode: RowItem;
  why: Why;
}
/**
 * What a profile has said of a title: put on its list, a thumb, hidden.
 */
export interface Opinion {
  listed: boolean;
  thumb: ("up" | "down") | null;
  hidden: boolean;
}
/**
 * What changes; what is left out stays as it is.
 */
export interface OpinionChange {
  listed?: boolean | null;
  thumb?: ("up" | "down") | null;
  hidden?: boolean | null;
}
/**
 * What was said of one title, and when it last changed.
 */
export interface OpinionOf {
  listed: boolean;
  thumb: ("up" | "down") | null;
  hidden: boolean;
  title_id: string;
  updated_at: string;
}
/**
 * A code of the authenticator app.
 */
export interface OwnCode {
  code: string;
}
/**
 * One of the account's passkeys, in place of its password.
 */
export interface OwnPasskey {
  passkey: PasskeyUse;
}
/**
 * The account's password, asked for before what matters.
 */
export interface OwnPassword {
  password: string;
}
/**
 * What somebody did in a title.
 */
export interface PartOf {
  role: string;
  character: string | null;
}
/**
 * A passkey of the account; `name` is the device on which it was made.
 */
export interface Passkey {
  passkey_id: string;
  name: string;
  created_at: string;
  used_at: string | null;
}
/**
 * The oldest first.
 */
export interface PasskeyList {
  items: Passkey[];
}
/**
 * The browser's answer (`PublicKeyCredential.toJSON()`), with the challenge as it was given.
 */
export interface PasskeyLogIn {
  challenge: string;
  credential: {
    [k: string]: unknown;
  };
  keep?: "cookie" | "body";
}
/**
 * `public_key` is what the browser is given (Web Authentication's JSON), `challenge` what comes back with it.
 */
export interface PasskeyOptions {
  public_key: {
    [k: string]: unknown;
  };
  challenge: string;
}
/**
 * A new password, by who knows the old one.
 */
export interface PasswordChange {
  current: string;
  password: string;
}
/**
 * A new password, or the first one, by who has a passkey.
 */
export interface PasswordChangeByPasskey {
  passkey: PasskeyUse;
  password: string;
}
/**
 * A new password, by a link.
 */
export interface PasswordReset {
  token: string;
  password: string;
}
/**
 * Somebody, with those titles that can be seen now, the newest first; at most 200.
 */
export interface Person {
  person_id: string;
  name: string;
  roles: string[];
  titles: TitleOfPerson[];
}
/**
 * A title, and what somebody did in it.
 */
export interface TitleOfPerson {
  title_id: string;
  slug: string;
  name: string;
  year: number;
  kind: Kind;
  maturity_rating: MaturityRating;
  genres: string[];
  duration_s: number;
  poster_url: string | null;
  poster_widths: number[];
  backdrop_url: string | null;
  backdrop_widths: number[];
  backdrop_focus: Focus | null;
  episode: EpisodeOf | null;
  parts: PartOf[];
}
/**
 * Titles that the viewer likes, in place of those of before.
 */
export interface PickList {
  /**
   * @maxItems 20
   */
  picks: string[];
}
/**
 * What a plan gives. `price` is that of the country the request comes from; null where it cannot be paid.
 */
export interface Plan {
  slug: string;
  name: string;
  height: number;
  hdr: boolean;
  streams: number;
  profiles: number;
  trial_days: number;
  price: PlanPrice | null;
}
/**
 * What a plan costs a month.
 */
export interface PlanPrice {
  currency: string;
  amount: number;
}
/**
 * A plan, by its slug.
 */
export interface PlanChoice {
  plan: string;
}
/**
 * What is offered, in the operator's order.
 */
export interface PlanList {
  items: Plan[];
}
/**
 * A playback session. `token` authorises heartbeats and the end; `drm` is null for a title in the clear.
 */
export interface PlaybackGrant {
  session_id: string;
  token: string;
  manifests: Manifest[];
  edges: Edge[];
  media: MediaAccess;
  drm: Drm | null;
  resume_ms: number;
  heartbeat_s: number;
  /**
   * whether events of this session are taken; those of a trailer are not
   */
  events: boolean;
  segments: Segment[];
  chapters: Chapter[];
  text: TextTrack[];
  thumbnails: SeekPictures | null;
  expires_at: string;
}
/**
 * A stretch that viewers may want to skip: `intro` or `credits`.
 */
export interface Segment {
  kind: "intro" | "credits";
  start_s: number;
  end_s: number;
}
/**
 * A subtitle track; `url` is its WebVTT file on the preferred edge, for players that load it apart.
 */
export interface TextTrack {
  language: string;
  kind: string;
  url: string;
}
/**
 * WebVTT that points into sprite sheets.
 */
export interface SeekPictures {
  vtt_url: string;
}
/**
 * A wish to play a title.
 */
export interface PlaybackRequest {
  title_id: string;
  capabilities?: Capabilities1;
  /**
   * nobody has asked to play yet: the session takes its place among the plan's streams with its first heartbeat, and is over without one after a minute
   */
  prepare?: boolean;
}
/**
 * What the player can do. An empty list means that it has not looked.
 *
 * A protected title is refused to a player that names key systems, none of which is served. Codecs are the player's
 * own choice from the manifest; they are accepted for the record of clients that know them.
 */
export interface Capabilities1 {
  /**
   * @maxItems 50
   */
  codecs?: string[];
  /**
   * @maxItems 50
   */
  drm?: string[];
  /**
   * by which it can decrypt (ISO/IEC 23001-7); empty: all
   *
   * @maxItems 2
   */
  schemes?: ("cbcs" | "cenc")[];
}
/**
 * What plays on a device. `name` is the title's, in the language of `Accept-Language`.
 */
export interface PlayingStream {
  session_id: string;
  device: string;
  profile_id: string;
  title_id: string;
  name: string;
  started_at: string;
}
/**
 * How a profile likes to play. Languages are BCP 47 tags; null is the player's own choice.
 *
 * `audio_description` prefers sound that describes the picture, `data_saver` keeps to small pictures.
 */
export interface Preferences {
  audio_language?: string | null;
  audio_description?: boolean;
  text_language?: string | null;
  text_on?: boolean;
  text_size?: "small" | "medium" | "large";
  text_background?: boolean;
  text_colour?: "white" | "yellow";
  data_saver?: boolean;
  autoplay_next?: boolean;
}
/**
 * A release that `staff` watches until `playback.expires_at`. `name` is the title's original one.
 */
export interface Preview {
  title_id: string;
  release_id: string;
  name: string;
  staff: string;
  playback: PlaybackGrant;
}
/**
 * Somebody who watches. `age_limit` is the age up to which titles are suitable, null is no limit.
 */
export interface Profile {
  profile_id: string;
  name: string;
  avatar: "violet" | "blue" | "green" | "amber" | "red" | "teal" | "pink" | "grey";
  languages: string[];
  kids: boolean;
  age_limit: (0 | 6 | 12 | 16) | null;
  has_pin: boolean;
  origin: Origin;
  picks: string[];
  preferences: Preferences;
}
/**
 * What changes; what is left out stays as it is.
 *
 * `new_pin` replaces the PIN, null removes it. `pin` is what the profile in use, or one whose PIN changes, asks for.
 */
export interface ProfileChange {
  name?: string | null;
  avatar?: ("violet" | "blue" | "green" | "amber" | "red" | "teal" | "pink" | "grey") | null;
  languages?: string[] | null;
  kids?: boolean | null;
  age_limit?: (0 | 6 | 12 | 16) | null;
  new_pin?: string | null;
  pin?: string | null;
}
/**
 * The account's profiles; `current` is the one that watches here, null before one was chosen.
 *
 * `can_create` tells whether more can be made from here, `can_manage` whether they can be changed.
 */
export interface ProfileList {
  items: Profile[];
  current: string | null;
  can_create: boolean;
  can_manage: boolean;
}
/**
 * The provider's name for people; null where the operator has none.
 */
export interface Provider {
  name: string | null;
}
/**
 * The payment provider's page to go on to; it is for this member alone, and not for long.
 */
export interface ProviderPage {
  url: string;
}
/**
 * Codes for when the app is lost. Each works once; they are shown this once.
 */
export interface RecoveryCodes {
  codes: string[];
}
/**
 * The refresh token, where it is not in the cookie.
 */
export interface Refresh {
  refresh_token?: string | null;
}
/**
 * A new account.
 */
export interface Registration {
  email: string;
  password: string;
  language?: string;
}
/**
 * Titles, the best first. At most 200 titles of a search can be paged through, whatever `total` says.
 *
 * `match` is `words` where titles have all words of the query, as written or begun; `typos` where letters had to be
 * changed; `near` where only some words were found. `did_you_mean` is the query with its typos put right. `indexed` is
 * false while there is no index: then `query` is looked for in names as it is written, and there are no facets.
 */
export interface SearchPage {
  items: TitleCard[];
  total: number;
  match: "words" | "typos" | "near";
  did_you_mean: string | null;
  facets: Facets;
  indexed: boolean;
  next_cursor: string | null;
}
/**
 * A title in a list.
 *
 * `poster_widths` and `backdrop_widths` are pixels in which the picture is there too, as WebP: the address of one has
 * the width as a folder before the file's name, and `.webp` for its suffix.
 */
export interface TitleCard {
  title_id: string;
  slug: string;
  name: string;
  year: number;
  kind: Kind;
  maturity_rating: MaturityRating;
  genres: string[];
  duration_s: number;
  poster_url: string | null;
  poster_widths: number[];
  backdrop_url: string | null;
  backdrop_widths: number[];
  backdrop_focus: Focus | null;
  episode: EpisodeOf | null;
}
/**
 * The episodes of a season that can be seen now, in order. `name` is null where it has none but its number.
 */
export interface Season {
  season: number;
  name: string | null;
  episodes: RowItem[];
}
/**
 * A series with its seasons, in order. `next` goes by what the profile has watched.
 *
 * `genres` are those of its episodes where it has none of its own, `finished` is null where nobody has said it. The
 * pictures are its own, or those of the episode that stands for it where that can be seen, or of the next one; their
 * widths are as those of a title.
 */
export interface Series {
  slug: string;
  name: string;
  synopsis: string | null;
  finished: boolean | null;
  poster_url: string | null;
  poster_widths: number[];
  backdrop_url: string | null;
  backdrop_widths: number[];
  genres: string[];
  seasons: Season[];
  next: NextEpisode;
}
/**
 * The document of HLS (RFC 8216bis §7) and DASH (ETSI TS 103 998): pathways in the order to use them.
 */
export interface SteeringManifest {
  VERSION: 1;
  /**
   * seconds after which to ask again
   */
  TTL: number;
  "RELOAD-URI": string;
  /**
   * names of edges
   *
   * @minItems 1
   */
  "PATHWAY-PRIORITY": string[];
}
/**
 * What plays now, the oldest first.
 */
export interface StreamList {
  items: PlayingStream[];
}
/**
 * The account's plan and how it stands; both null before the first. `ends_at` is the end of a trial.
 *
 * `playable` says whether it lets anything be played now, `paid` whether it is one that is paid at the provider, where
 * it can be changed. `price` is what it costs. `renews_at` is the end of the paid period, `cancels_at` when it ends
 * for good, `retry_at` when a payment that failed is tried again.
 */
export interface Subscription {
  plan: Plan | null;
  state: SubscriptionState | null;
  ends_at: string | null;
  playable: boolean;
  paid: boolean;
  price: PlanPrice | null;
  renews_at: string | null;
  cancels_at: string | null;
  retry_at: string | null;
}
/**
 * What the beginning of a query may mean. One of the ids belongs to its `kind`; the others are null.
 */
export interface Suggestion {
  kind: SuggestionKind;
  text: string;
  title_id?: string | null;
  person_id?: string | null;
  series?: string | null;
  genre?: string | null;
}
/**
 * Suggestions, the most likely first.
 */
export interface SuggestionList {
  items: Suggestion[];
}
/**
 * A subtitle track: `kind` is full, sdh or forced.
 */
export interface TextOffer {
  language: string;
  kind: string;
}
/**
 * A title's own page. `resolution` is the best picture's quality class, e.g. `1080p`.
 *
 * `rating_label` is what the board of the viewer's country says, e.g. `FSK 12`; null where it says nothing.
 * `play_refusal` is why it cannot be played from here; null where it can. `trailer_id` is played like any title, and
 * `film_id` is what a trailer is of.
 */
export interface TitleDetail {
  title_id: string;
  slug: string;
  name: string;
  year: number;
  kind: Kind;
  maturity_rating: MaturityRating;
  genres: string[];
  duration_s: number;
  poster_url: string | null;
  poster_widths: number[];
  backdrop_url: string | null;
  backdrop_widths: number[];
  backdrop_focus: Focus | null;
  episode: EpisodeOf | null;
  synopsis: string | null;
  credits: CreditLine[];
  countries: string[];
  audio: AudioOffer[];
  text: TextOffer[];
  resolution: string | null;
  resume_ms: number;
  opinion: Opinion;
  rating_label: string | null;
  play_refusal: Refusal | null;
  trailer_id: string | null;
  film_id: string | null;
}
/**
 * Titles in order. `resume_ms` is 0 here: the home page's rows tell it.
 */
export interface TitleList {
  items: RowItem[];
}
/**
 * All that a profile has said, the last first.
 */
export interface TitleOpinions {
  items: OpinionOf[];
}
/**
 * A page of titles, newest first; `next_cursor` is null on the last one.
 */
export interface TitlePage {
  items: TitleCard[];
  next_cursor: string | null;
}
/**
 * `refresh_token` is null when it is in the cookie; it works once.
 */
export interface Tokens {
  access_token: string;
  expires_in: number;
  token_type?: "Bearer";
  refresh_token?: string | null;
}
/**
 * What an authenticator app is given: the secret to type, or the QR code (SVG) to scan.
 */
export interface TotpProposal {
  secret: string;
  uri: string;
  qr_svg: string;
}
/**
 * Values with the number of titles that can be seen now, the most frequent first.
 */
export interface ValueList {
  items: FacetValue[];
}
/**
 * Put `visit_id` into the browse events of this showing; their `seq` begins at 0.
 */
export interface Visit {
  visit_id: string;
}
/**
 * One field at fault.
 */
export interface FieldProblem {
  field: string;
  expected: string;
  got: string;
}
/**
 * A problem as of RFC 9457, with the trace id that the logs know it by.
 */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  trace_id: string;
  errors?: FieldProblem[];
}
/**
 * One event of a visit. `visit_id` is what the rows were answered with.
 *
 * `row` is the kind of row (RowKind), `titles` what was shown or chosen, in order; `generation` and `arm` say which
 * recommendations and which side of an experiment they came from, as the rows' answer did.
 */
export interface BrowseEvent {
  version?: 1;
  visit_id: string;
  /**
   * grows by one from 0 within a session or a visit
   */
  seq: number;
  name: BrowseName;
  viewer_time_ms: number;
  row?: string | null;
  /**
   * place of the chosen title in its row or results
   */
  position?: number | null;
  /**
   * @maxItems 100
   */
  titles?: string[];
  query?: string | null;
  /**
   * how many titles a search found
   */
  results?: number | null;
  session_id?: string | null;
  generation?: string | null;
  arm?: string | null;
}
/**
 * What has come from one edge since the session began, as the player counted it.
 */
export interface Fetched {
  edge: string;
  /**
   * pieces of video and sound, initialisation segments among them
   */
  segments: number;
  bytes: number;
}
export interface PlayerError {
  fatal: boolean;
  category: string;
  code: string;
  business?: boolean;
}
/**
 * One event. `viewer_time_ms` is the viewer's clock (Unix ms), `position_ms` the place in the programme.
 */
export interface PlayerEvent {
  version?: 1;
  session_id: string;
  /**
   * grows by one from 0 within a session or a visit
   */
  seq: number;
  name: EventName;
  viewer_time_ms: number;
  position_ms: number;
  rendition?: string | null;
  /**
   * bit/s of the video rendition playing
   */
  bitrate?: number | null;
  dropped_frames?: number | null;
  edge?: string | null;
  error?: PlayerError | null;
  /**
   * by edge, since the session began
   *
   * @maxItems 20
   */
  fetched?: Fetched[];
}
/**
 * What `POST /v1/events` takes: up to 200 events, of one or several sessions and visits.
 */
export interface EventBatch {
  /**
   * @minItems 1
   * @maxItems 200
   */
  events: (PlayerEvent | BrowseEvent)[];
}
