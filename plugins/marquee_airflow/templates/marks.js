// Marks are set at the frame that is seen. Without it their seconds are written by hand.
"use strict";

const look = document.getElementById("look");

function setUpMarks() {
  const video = look.querySelector("video");
  const status = look.querySelector("p[role=status]");
  const shownAt = look.querySelector("output");
  const rate = Number(look.dataset.rate);
  const form = document.querySelector("section[aria-labelledby=marks] form");
  let frame = 0;

  const seconds = () => (frame / rate).toFixed(3);
  const input = (name) => form.elements.namedItem(name);

  function seen(_, { mediaTime }) {
    frame = Math.round(mediaTime * rate);
    shownAt.value = `${seconds()} s, frame ${frame}`;
    video.requestVideoFrameCallback(seen);
  }

  // The middle of a frame is that frame's in every browser; its border may be the one before.
  const show = (number) => {
    video.pause();
    video.currentTime = (Math.max(0, number) + 0.5) / rate;
  };

  function write(target, what) {
    target.value = seconds();
    target.scrollIntoView({ block: "nearest" });
    status.textContent = `${what} at ${target.value} s, which is not saved yet.`;
  }

  function chapter() {
    const starts = () => [...form.querySelectorAll('[name^="chapters."][name$=".start_s"]')];
    let free = starts().find((each) => !each.value);
    if (!free) {
      document.querySelector('button[data-rows="rows-chapters"]').click();
      free = starts().at(-1);
    }
    write(free, "A chapter starts");
  }

  look.hidden = false;
  look.addEventListener("toggle", () => {
    if (look.open && !video.src) video.src = look.dataset.picture;
  });
  video.requestVideoFrameCallback?.(seen);
  video.addEventListener("error", () => {
    status.textContent = "The picture cannot be shown: its files are gone, or it is not encoded yet.";
  });
  video.addEventListener("keydown", ({ key }) => {
    if (key === "," || key === ".") show(frame + (key === "." ? 1 : -1));
  });
  look.addEventListener("click", ({ target }) => {
    const { step, mark, says } = target.dataset;
    if (step) show(frame + (step.endsWith("s") ? parseInt(step) * Math.round(rate) : Number(step)));
    else if (mark === "chapter") chapter();
    else if (mark) write(input(mark), says);
  });
  form.addEventListener("focusin", ({ target }) => {
    if (look.open && /_s$/.test(target.name ?? "") && target.value) show(Math.round(Number(target.value) * rate));
  });
}

if (look) setUpMarks();
