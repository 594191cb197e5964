/** What the API says, as it says it: ids are strings, times are in the unit their name ends with. */

export interface Episode {
  series: string;
  season: number;
  number: number;
}

export interface TitleCard {
  title_id: string;
  slug: string;
  name: string;
  year: number;
  kind: "film" | "episode";
  maturity_rating: "all" | "6" | "12" | "16" | "18";
  genres: string[];
  duration_s: number;
  poster_url: string | null;
  backdrop_url: string | null;
  episode: Episode | null;
}

export interface TitlePage {
  items: TitleCard[];
  next_cursor: string | null;
}

export type RowKind = "continue" | "for_you" | "because" | "top10" | "trending" | "new" | "gems" | "leaving";

export interface RowItem extends TitleCard {
  available_until_ms: number | null; // only where that is soon
  resume_ms: number;
}

/** A shelf of the home page. `reason` says why it is there. */
export interface Row {
  kind: RowKind;
  title: string;
  reason: string;
  reason_code: string;
  items: RowItem[];
}

/** The home page of a profile; `generation` and `arm` go back with the events of the visit. */
export interface HomeRows {
  generation: string | null;
  arm: string | null;
  rows: Row[];
}

export interface Profile {
  profile_id: string;
  name: string;
  languages: string[];
  kids: boolean;
  origin: "demo" | "account" | "simulated";
  picks: string[];
}

export interface ProfileList {
  items: Profile[];
  can_create: boolean;
}

export type NewProfile = Pick<Profile, "name" | "languages" | "kids" | "picks">;

export interface Credit {
  name: string;
  role: string;
  character: string | null;
}

export interface Title extends TitleCard {
  synopsis: string | null;
  credits: Credit[];
  countries: string[];
  audio: { language: string; role: string; channels: number }[];
  text: { language: string; kind: string }[];
  resolution: string | null;
  resume_ms: number;
}

export interface ManifestLink {
  url: string;
  type: "application/dash+xml" | "application/vnd.apple.mpegurl";
  edge: string;
}

export interface Mark {
  kind: "intro" | "credits";
  start_s: number;
  end_s: number;
}

export interface Grant {
  session_id: string;
  token: string; // for heartbeats and the end
  manifests: ManifestLink[];
  drm: { servers: Record<string, string>; token: string } | null;
  resume_ms: number;
  heartbeat_s: number;
  segments: Mark[];
  thumbnails: { vtt_url: string } | null;
  expires_at: string;
}
