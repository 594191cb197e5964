// Sends files by the tus protocol, version 1.0.0: in pieces, and on after every interruption.
"use strict";

const tus = (() => {
  const PIECE = 4 * 1024 * 1024; // bytes: what the gateway takes of Airflow's pages at once
  const TRIES = 12; // in a row, of one piece
  const HOPELESS = new Set([400, 401, 403, 404, 410, 412, 413, 415, 422]);
  const SPOKEN = { "Tus-Resumable": "1.0.0" };

  class Refused extends Error {
    constructor(answer, text) {
      super(text);
      this.status = answer.status;
      this.hopeless = HOPELESS.has(answer.status);
    }
  }

  async function ask(address, options = {}) {
    const answer = await fetch(address, { credentials: "same-origin", ...options });
    if (answer.ok) return answer;
    let text = `${answer.status} ${answer.statusText}`;
    try {
      const told = await answer.json();
      text = told.detail || text;
    } catch {
      // not a problem in JSON
    }
    throw new Refused(answer, typeof text === "string" ? text : JSON.stringify(text));
  }

  async function checksum(piece) {
    if (!globalThis.crypto?.subtle) return {}; // pages without TLS have none
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await piece.arrayBuffer()));
    return { "Upload-Checksum": `sha256 ${btoa(String.fromCharCode(...digest))}` };
  }

  async function offsetOf(address) {
    const answer = await ask(address, { method: "HEAD", headers: SPOKEN, cache: "no-store" });
    return Number(answer.headers.get("Upload-Offset"));
  }

  async function sendPiece(address, file, at) {
    const piece = file.slice(at, at + PIECE);
    const headers = {
      ...SPOKEN,
      "Content-Type": "application/offset+octet-stream",
      "Upload-Offset": String(at),
      ...(await checksum(piece)),
    };
    const answer = await ask(address, { method: "PATCH", headers, body: piece });
    return Number(answer.headers.get("Upload-Offset"));
  }

  // `moved` hears how much is there, `waits` why it does not go on just now.
  async function send(address, file, moved, waits) {
    for (let failed = 0; ; ) {
      try {
        let at = await offsetOf(address);
        moved(at);
        while (at < file.size) {
          at = await sendPiece(address, file, at);
          failed = 0;
          moved(at);
        }
        return;
      } catch (problem) {
        failed += 1;
        if (problem.hopeless || failed > TRIES) throw problem;
        waits(`${file.name}: interrupted, going on soon. ${problem.message}`);
        await new Promise((done) => setTimeout(done, Math.min(30, 2 ** failed) * 1000 * (0.5 + Math.random() / 2)));
      }
    }
  }

  return { ask, send };
})();
