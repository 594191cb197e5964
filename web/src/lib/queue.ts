import { postEvents } from "../api/playback";
import { EventQueue } from "../player/events";

/** The one way to the event log, for all that the page has to report. */
export const queue = new EventQueue(postEvents, (body) =>
  navigator.sendBeacon("/v1/events", new Blob([body], { type: "application/json" })),
);
