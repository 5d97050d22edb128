"use strict";
for (const group of document.querySelectorAll(".ab")) {
  const rows = [...group.querySelectorAll(".row")].map((row) => ({
    button: row.querySelector("button"), name: row.querySelector(".clip"), audio: row.querySelector("audio"),
  }));
  let current = rows[0];
  const show = () => rows.forEach((row) => row.button.setAttribute("aria-pressed", String(row === current)));
  for (const row of rows) {
    row.button.hidden = false;
    row.name.hidden = true;
    row.button.addEventListener("click", () => {
      row.audio.currentTime = current.audio.currentTime;
      current = row;
      row.audio.play();
    });
    row.audio.addEventListener("play", () => {
      current = row;
      for (const other of document.querySelectorAll("audio")) if (other !== row.audio) other.pause();
      show();
    });
  }
  show();
}
