// Uploads of whole titles: their form and their list. Files are sent by tus.js, three at a time.
"use strict";

const AT_ONCE = 3;

const form = document.getElementById("new");
const status = document.getElementById("status");
const error = document.getElementById("error");
const api = form?.dataset.api;
let underWay = 0;

function sendFile(upload, number, file) {
  const moved = (at) => {
    if (at > 0) status.textContent = "Uploading.";
    show(upload, number, at);
  };
  return tus.send(`${api}/${upload}/files/${number}`, file, moved, (text) => (status.textContent = text));
}

function show(upload, number, at) {
  const bar = document.querySelector(`[data-upload="${upload}"] [data-number="${number}"] progress`);
  if (bar) bar.value = at;
}

function complain(problem) {
  error.hidden = false;
  error.textContent = problem.message;
  error.focus();
}

async function sendAll(upload, files) {
  const waiting = [...files];
  error.hidden = true;
  underWay += 1;
  try {
    const send = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await sendFile(upload, next.number, next.file);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, send));
    status.textContent = "Uploaded.";
  } catch (problem) {
    complain(problem);
  } finally {
    underWay -= 1;
    await refresh();
  }
}

// The list is drawn by the server alone: it is asked for the page anew.
async function refresh() {
  const text = await (await tus.ask(location.href, { cache: "no-store" })).text();
  const list = new DOMParser().parseFromString(text, "text/html").getElementById("uploads");
  document.getElementById("uploads").replaceWith(document.adoptNode(list));
}

const commas = (text) => text.split(",").map((part) => part.trim()).filter(Boolean);

function described() {
  const data = new FormData(form);
  const said = (name) => String(data.get(name) ?? "").trim();
  const files = [];
  const add = (file) => {
    if (!files.includes(file)) files.push(file);
    return file.name;
  };
  const picked = (name) => form.elements[name].files[0];
  const sidecar = {
    title: said("title"),
    year: said("year"),
    original_language: said("original_language"),
    maturity_rating: said("maturity_rating"),
    media: add(picked("media")),
  };
  if (said("synopsis")) sidecar.synopsis = said("synopsis");
  for (const name of ["genres", "countries"]) if (commas(said(name)).length) sidecar[name] = commas(said(name));
  if (said("series")) {
    sidecar.kind = "episode";
    sidecar.episode = { series: said("series"), season: said("season"), number: said("number") };
  }
  if (said("trailer_of")) Object.assign(sidecar, { kind: "trailer", trailer_of: said("trailer_of") });
  if (form.elements.silent.checked) sidecar.silent = "true";
  const artwork = ["poster", "backdrop", "logo"].filter(picked).map((kind) => [kind, add(picked(kind))]);
  if (artwork.length) sidecar.artwork = Object.fromEntries(artwork);
  const tracks = [...form.querySelectorAll(".picked")].filter((row) => row.querySelector("[name=track]").files[0]);
  if (tracks.length) sidecar.subtitles = tracks.map((row) => describedTrack(row, add));
  return { body: { sidecar, slug: said("slug"), files: files.map(({ name, size }) => ({ name, size })) }, files };
}

function describedTrack(row, add) {
  const value = (name) => row.querySelector(`[name=${name}]`).value.trim();
  const track = { file: add(row.querySelector("[name=track]").files[0]), language: value("track_language"), kind: value("track_kind") };
  return value("track_label") ? { ...track, label: value("track_label") } : track;
}

async function begin(event) {
  event.preventDefault();
  error.hidden = true;
  try {
    const { body, files } = described();
    const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const upload = await (await tus.ask(api, options)).json();
    form.reset();
    await refresh();
    await sendAll(upload.id, upload.files.map(({ number, name }) => ({ number, file: files.find((f) => f.name === name) })));
  } catch (problem) {
    complain(problem);
  }
}

async function goOn(input) {
  const row = input.closest("[data-upload]");
  const wanted = [...row.querySelectorAll("[data-number]")].filter((item) => item.querySelector("progress"));
  const match = (item) =>
    [...input.files].find((file) => file.name === item.dataset.name && file.size === Number(item.dataset.size));
  const files = wanted.map((item) => ({ number: item.dataset.number, file: match(item) })).filter(({ file }) => file);
  if (!files.length) complain(new Error("None of these is a file of this upload, by name and size."));
  else await sendAll(row.dataset.upload, files);
}

async function remove(button) {
  try {
    await tus.ask(`${api}/${button.dataset.delete}`, { method: "DELETE" });
    await refresh();
  } catch (problem) {
    complain(problem);
  }
}

function addTrack() {
  const rows = document.getElementById("tracks");
  const row = rows.lastElementChild.cloneNode(true);
  for (const input of row.querySelectorAll("input")) input.value = "";
  rows.append(row);
  row.querySelector("input").focus();
}

if (form) {
  form.hidden = false;
  form.addEventListener("submit", begin);
  document.getElementById("add-track").addEventListener("click", addTrack);
  document.addEventListener("change", (event) => event.target.dataset.resume && goOn(event.target));
  document.addEventListener("click", (event) => event.target.dataset?.delete && remove(event.target));
  window.addEventListener("beforeunload", (event) => underWay && event.preventDefault());
}
