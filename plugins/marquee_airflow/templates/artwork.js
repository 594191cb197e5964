// Cuts a title's pictures: a rectangle is moved over the whole picture, and previews show each place of the web app.
"use strict";

const POSTER = 2 / 3; // width to height
const WIDEST = { poster: 208, backdrop: 230 }; // CSS pixels of the widest preview
const LEAST = 0.05; // of a side
const status = document.getElementById("status");
const error = document.getElementById("error");
const clamp = (value, least, most) => Math.min(Math.max(value, least), Math.max(least, most));

function complain(text) {
  error.hidden = false;
  error.textContent = text;
  error.focus();
}

async function ask(address, options = {}) {
  const answer = await fetch(address, { credentials: "same-origin", ...options });
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  const text = typeof said.detail === "string" ? said.detail : JSON.stringify(said.detail ?? answer.statusText);
  throw Object.assign(new Error(text), { status: answer.status });
}

class Cutter {
  constructor(section) {
    const { kind, version, api, rectangle, places, mostBytes } = section.dataset;
    Object.assign(this, { kind, version, api, mostBytes: Number(mostBytes), form: section.querySelector("form") });
    this.kept = rectangle ? JSON.parse(rectangle) : null;
    this.part = { x: 0, y: 0, width: 1, height: 1 };
    [this.tool, this.image, this.cut] = [".tool", ".stage img", ".cut"].map((name) => this.form.querySelector(name));
    this.previews = kind === "logo" ? [] : JSON.parse(places).map((place) => this.preview(place));
    this.listen();
    this.form.hidden = false;
    this.open();
  }

  get file() {
    return this.form.elements.file.files[0];
  }

  get of() {
    return this.form.elements.of.value;
  }

  listen() {
    const { form } = this;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    form.elements.file.addEventListener("change", () => this.open());
    form.elements.of.addEventListener("change", () => {
      form.elements.file.value = "";
      this.open();
    });
    form.elements.back?.addEventListener("click", () => this.giveBack());
    form.addEventListener("input", (event) => event.target.type === "range" && this.slide(event.target));
    this.image.addEventListener("load", () => this.start());
    this.image.addEventListener("error", () => this.fail());
    this.cut?.addEventListener("pointerdown", (event) => this.drag(event));
  }

  // The picture that was chosen, else the one there is before it was cut.
  open() {
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = null;
    if (this.file?.size > this.mostBytes) {
      this.form.elements.file.value = "";
      complain(`A picture has at most ${this.mostBytes / 1024 / 1024} MiB.`);
    }
    if (this.file) this.address = URL.createObjectURL(this.file);
    else if (!this.of) return;
    this.image.src = this.address ?? `${this.api}/${this.of}?whole=true`;
  }

  fail() {
    this.tool.hidden = true;
    for (const { item } of this.previews) item.hidden = true;
    if (this.file) complain("The browser cannot show this file: is it a JPEG, PNG or WebP picture?");
  }

  start() {
    this.tool.hidden = false;
    for (const { item, image } of this.previews) {
      item.hidden = false;
      image.src = this.image.src;
    }
    const same = !this.file && this.of === this.kind;
    this.part = (same && this.kept && { ...this.kept }) || { x: 0, y: 0, width: 1, height: 1 };
    this.shape();
    this.draw();
  }

  // Width and height in shares, for the shape that a poster has.
  get ratio() {
    return this.image.naturalWidth / this.image.naturalHeight / POSTER;
  }

  shape() {
    const { part } = this;
    if (this.kind !== "poster") return;
    const middle = [part.x + part.width / 2, part.y + part.height / 2];
    part.width = Math.min(part.width, part.height / this.ratio);
    part.height = part.width * this.ratio;
    this.place(middle[0] - part.width / 2, middle[1] - part.height / 2);
  }

  place(x, y) {
    this.part.x = clamp(x, 0, 1 - this.part.width);
    this.part.y = clamp(y, 0, 1 - this.part.height);
  }

  resize(width, height) {
    const { part } = this;
    if (this.kind === "poster") {
      part.width = clamp(width, LEAST, Math.min(1, 1 / this.ratio));
      part.height = part.width * this.ratio;
    } else {
      part.width = clamp(width, LEAST, 1);
      part.height = clamp(height, LEAST, 1);
    }
    this.place(part.x, part.y);
  }

  slide({ name, value }) {
    const { part } = this;
    const next = { ...part, [name]: Number(value) };
    if (name === "width" || name === "height") {
      const middle = [part.x + part.width / 2, part.y + part.height / 2];
      this.resize(next.width, next.height);
      this.place(middle[0] - part.width / 2, middle[1] - part.height / 2);
    } else this.place(next.x, next.y);
    this.draw();
  }

  drag(down) {
    down.preventDefault();
    const box = this.image.getBoundingClientRect();
    const begun = { ...this.part };
    const resizes = down.target !== this.cut;
    const move = (event) => {
      const across = (event.clientX - down.clientX) / box.width;
      const along = (event.clientY - down.clientY) / box.height;
      if (resizes) {
        this.part = { ...begun };
        const most = [1 - begun.x, 1 - begun.y];
        const width = this.kind === "poster" ? Math.min(begun.width + across, most[0], most[1] / this.ratio) : Math.min(begun.width + across, most[0]);
        this.resize(width, Math.min(begun.height + along, most[1]));
      } else this.place(begun.x + across, begun.y + along);
      this.draw();
    };
    this.cut.setPointerCapture(down.pointerId);
    this.cut.addEventListener("pointermove", move);
    this.cut.addEventListener("lostpointercapture", () => this.cut.removeEventListener("pointermove", move), { once: true });
  }

  preview(place) {
    const item = document.createElement("li");
    const scale = Math.min(1, WIDEST[this.kind] / place.width, 190 / place.height);
    item.innerHTML = '<figure class="preview"><div class="box"><img alt=""></div><figcaption></figcaption></figure>';
    const [box, image, words] = ["div", "img", "figcaption"].map((name) => item.querySelector(name));
    box.classList.toggle("words", place.words);
    box.style.width = `${place.width * scale}px`;
    box.style.height = `${place.height * scale}px`;
    words.textContent = `${place.name}, ${place.screen}: ${place.width} × ${place.height}`;
    this.form.querySelector(".previews").append(item);
    return { item, image, width: place.width * scale, height: place.height * scale };
  }

  draw() {
    const { part, image } = this;
    const [width, height] = [image.naturalWidth, image.naturalHeight];
    const pixels = `${Math.round(part.width * width)} × ${Math.round(part.height * height)}`;
    const cut = this.kind === "logo" ? "" : `; the bright part has ${pixels}`;
    this.form.querySelector(".size").textContent = `${width} × ${height} pixels${cut}`;
    if (!this.cut) return;
    for (const [side, name] of [["left", "x"], ["top", "y"], ["width", "width"], ["height", "height"]]) {
      this.cut.style[side] = `${part[name] * 100}%`;
      const input = this.form.elements[name];
      if (!input) continue;
      input.max = String(side === "left" ? 1 - part.width : side === "top" ? 1 - part.height : this.most(name));
      input.min = String(side === "left" || side === "top" ? 0 : LEAST);
      input.value = String(part[name]);
    }
    for (const each of this.previews) this.paint(each, width, height);
  }

  most(name) {
    return this.kind === "poster" && name === "width" ? Math.min(1, 1 / this.ratio) : 1;
  }

  // As CSS does it with `object-fit: cover` and the focus of the rectangle as `object-position`.
  paint(preview, width, height) {
    const { part } = this;
    const held = (start, length) => (length < 1 ? Math.min(1, start / (1 - length)) : 0.5);
    const source = this.kind === "poster" ? part : { x: 0, y: 0, width: 1, height: 1 };
    const scale = Math.max(preview.width / (source.width * width), preview.height / (source.height * height));
    const spare = [preview.width - width * scale, preview.height - height * scale];
    const at =
      this.kind === "poster"
        ? [-part.x * width * scale, -part.y * height * scale]
        : [spare[0] * held(part.x, part.width), spare[1] * held(part.y, part.height)];
    Object.assign(preview.image.style, {
      width: `${width * scale}px`,
      height: `${height * scale}px`,
      left: `${at[0]}px`,
      top: `${at[1]}px`,
    });
  }

  // Shares as the server takes them: rounding never leaves the picture.
  get rectangle() {
    const { x, y, width, height } = this.part;
    return { x, y, width: Math.min(width, 1 - x), height: Math.min(height, 1 - y) };
  }

  save() {
    const note = this.form.elements.note.value.trim();
    const address = `${this.api}/${this.kind}`;
    if (this.file) {
      const query = new URLSearchParams({ ...this.rectangle, note });
      const type = this.file.type || "application/octet-stream";
      this.send(`${address}?${query}`, { method: "PUT", body: this.file, headers: { "Content-Type": type } });
    } else if (this.of) {
      const body = JSON.stringify({ rectangle: this.rectangle, of: this.of, note });
      this.send(`${address}/crop`, { method: "POST", body, headers: { "Content-Type": "application/json" } });
    } else complain("Choose a picture first.");
  }

  giveBack() {
    this.send(`${this.api}/${this.kind}`, { method: "DELETE" });
  }

  async send(address, options) {
    error.hidden = true;
    status.textContent = "Saving…";
    const buttons = [...document.querySelectorAll("form button")];
    for (const button of buttons) button.disabled = true;
    try {
      await ask(address, { ...options, headers: { ...options.headers, "If-Match": `"${this.version}"` } });
      status.textContent = "Saved.";
      location.reload();
    } catch (problem) {
      status.textContent = "";
      if (problem.status === 412) await this.overtaken();
      else complain(`Not saved. ${problem.message}`);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  // What was chosen still stands in the form; saving again puts it in the place of what somebody else has saved.
  async overtaken() {
    const { version } = await ask(this.api);
    for (const each of cutters) each.version = version;
    complain(
      `Somebody has changed this title meanwhile: it is version ${version} now. Nothing of yours is stored, and nothing of it is lost: look at the title in another tab, and save again to put yours in its place.`,
    );
  }
}

const cutters = [...document.querySelectorAll("section[data-kind]")]
  .filter((section) => section.querySelector("form"))
  .map((section) => new Cutter(section));
