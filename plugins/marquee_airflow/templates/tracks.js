// Uploads one track of a title and puts it in. What was cut off is listed on the page and goes on from there.
"use strict";

const trackForm = document.getElementById("track");
const pending = document.getElementById("pending");
const told = document.getElementById("track-status");
const trouble = document.getElementById("track-error");
// Airflow mounts the apps side by side: /marquee has the titles, /marquee-intake the uploads.
const uploads = trackForm?.dataset.api.replace(/\/marquee\/api\/titles\/.*$/, "/marquee-intake/api/uploads");
let sending = false;

const field = (name) => trackForm.elements[name].value.trim();
const json = (method, body, headers = {}) => ({
  method,
  headers: { "Content-Type": "application/json", ...headers },
  body: JSON.stringify(body),
});

function complainOf(problem) {
  trouble.hidden = false;
  trouble.textContent = problem.message;
  trouble.focus();
}

function described(file) {
  const track = { type: field("type"), file: file.name, language: field("language") };
  const own = track.type === "audio" ? ["role", "label"] : ["kind", "encoding", "label"];
  for (const name of own) if (field(name)) track[name] = field(name);
  return track;
}

function fit() {
  for (const label of trackForm.querySelectorAll("[data-of]")) label.hidden = label.dataset.of !== field("type");
}

function take() {
  const chosen = trackForm.elements.of.selectedOptions[0].dataset;
  for (const [name, value] of Object.entries(chosen)) trackForm.elements[name].value = value;
  fit();
}

async function sendTrack(upload, file, note) {
  const waits = (text) => (told.textContent = text);
  const moved = (at) => waits(`${Math.floor((100 * at) / file.size)} % of ${file.name} is there.`);
  await tus.send(`${uploads}/${upload}/files/0`, file, moved, waits);
  waits("The file is looked at.");
  try {
    await tus.ask(`${trackForm.dataset.api}/${upload}`, json("PUT", { note }));
  } catch (problem) {
    if (problem.status === 422) await tus.ask(`${uploads}/${upload}`, { method: "DELETE" }); // it will never be a track
    throw problem;
  } finally {
    waits("");
  }
  sending = false;
  location.assign(trackForm.dataset.back);
}

async function attempt(work) {
  trouble.hidden = true;
  sending = true;
  try {
    await work();
  } catch (problem) {
    complainOf(problem);
  } finally {
    sending = false;
  }
}

async function beginTrack() {
  const file = trackForm.elements.file.files[0];
  const asked = json("POST", { track: described(file), size: file.size }, { "If-Match": `"${trackForm.dataset.version}"` });
  const upload = await (await tus.ask(trackForm.dataset.api, asked)).json();
  await sendTrack(upload.id, file, field("note"));
}

async function goOnWith(input) {
  const { name, size, upload } = input.closest("[data-upload]").dataset;
  const file = input.files[0];
  if (file.name !== name || file.size !== Number(size)) throw new Error("This is not the file, by name and size.");
  await sendTrack(upload, file, "");
}

async function discardTrack(button) {
  await tus.ask(`${uploads}/${button.dataset.discard}`, { method: "DELETE" });
  sending = false;
  location.reload();
}

if (trackForm) {
  trackForm.hidden = false;
  trackForm.elements.type.addEventListener("change", fit);
  trackForm.elements.of.addEventListener("change", take);
  trackForm.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(beginTrack);
  });
  window.addEventListener("beforeunload", (event) => sending && event.preventDefault());
  for (const button of pending?.querySelectorAll("[data-discard]") ?? []) {
    button.hidden = false;
    button.addEventListener("click", () => attempt(() => discardTrack(button)));
  }
  pending?.addEventListener("change", (event) => event.target.dataset.resume && attempt(() => goOnWith(event.target)));
}
