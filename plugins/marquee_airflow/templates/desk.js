// Rows are added to forms, all titles of a page chosen at once, and links to other sites open. Without it the empty rows at
// the end are enough.
"use strict";

function addRow(button) {
  const rows = document.getElementById(button.dataset.rows);
  const last = rows.lastElementChild;
  const row = last.cloneNode(true);
  const number = rows.children.length;
  for (const input of row.querySelectorAll("input, textarea")) {
    input.name = input.name.replace(/\.\d+\./, `.${number}.`);
    input.value = "";
    input.defaultValue = "";
  }
  rows.append(row);
  row.querySelector("input, textarea").focus();
}

for (const button of document.querySelectorAll("button[data-rows]")) {
  button.hidden = false;
  button.addEventListener("click", () => addRow(button));
}

const all = document.getElementById("all");
if (all) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of document.querySelectorAll('input[name="title"]')) box.checked = all.checked;
  });
}

// Airflow shows these pages in a frame that may open no window, so the page around the frame does.
for (const link of document.querySelectorAll('a[target="_blank"]')) {
  link.addEventListener("click", (event) => {
    if (window.parent === window) return;
    event.preventDefault();
    const outer = window.parent.document.createElement("a");
    Object.assign(outer, { href: link.href, target: "_blank", rel: "noopener" });
    outer.click();
  });
}
