import { expect, test } from "vitest";

import { EventQueue, ViewLog } from "../src/player/events";
import { observe, Scene } from "../src/player/observe";
import type { Player } from "../src/player/shaka";

/** What `observe` needs of a media element: a seek shows its end at once and tells of itself later, as in browsers. */
class Screen extends EventTarget {
  currentTime = 0;
  readyState = 4;
  seeking = false;
  ended = false;

  getVideoPlaybackQuality = () => ({ droppedVideoFrames: 0 });
  tell = (name: string): boolean => this.dispatchEvent(new Event(name));

  at(seconds: number): void {
    this.currentTime = seconds;
    this.tell("timeupdate");
  }

  seek(seconds: number): void {
    this.seeking = true;
    this.currentTime = seconds;
    this.tell("timeupdate"); // of before, come late
    this.tell("seeking");
  }

  arrive(): void {
    this.seeking = false;
    for (const name of ["timeupdate", "seeked", "playing"]) this.tell(name);
  }
}

function watching() {
  const screen = new Screen();
  const video = screen as unknown as HTMLVideoElement;
  const scene = new Scene(video);
  const log = new ViewLog(
    new EventQueue(
      async () => undefined,
      () => false,
    ),
    () => scene.context,
  );
  const player = Object.assign(new EventTarget(), { getVariantTracks: () => [] });
  const ending = new AbortController();
  observe(player as unknown as Player, video, log, scene, ending.signal);
  const told = (): [string, number][] => log.history.map((event) => [event.name, event.position_ms]);
  return { screen, player, told, ending };
}

test("a seek tells the position that was left, and then the one that was reached", () => {
  const { screen, told } = watching();
  screen.tell("playing");
  screen.at(8);
  screen.seek(11);
  screen.arrive();
  expect(told().slice(2)).toEqual([
    ["seeking", 8_000],
    ["seeked", 11_000],
    ["playing", 11_000],
  ]);
});

test("each of several seeks in a row leaves from where the picture stood", () => {
  const { screen, told } = watching();
  screen.tell("playing");
  screen.at(8);
  screen.seek(11);
  screen.seek(15);
  screen.arrive();
  screen.seek(3);
  expect(told().filter(([name]) => name === "seeking")).toEqual([
    ["seeking", 8_000],
    ["seeking", 8_000],
    ["seeking", 15_000],
  ]);
});

test("the jump to the resume point is no seek, and waiting for one is no rebuffering", () => {
  const { screen, player, told } = watching();
  screen.seek(60);
  screen.arrive();
  screen.seek(90);
  player.dispatchEvent(Object.assign(new Event("buffering"), { buffering: true }));
  expect(told()).toEqual([
    ["firstframe", 60_000],
    ["playing", 60_000],
    ["seeking", 60_000],
  ]);
});

test("nothing is told once the view has ended", () => {
  const { screen, told, ending } = watching();
  ending.abort();
  screen.tell("playing");
  expect(told()).toEqual([]);
});
