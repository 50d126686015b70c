// Shows topics that say nearly the same while a title is typed. Without this script they are shown on the next page.
"use strict";

const form = document.querySelector("form.suggest");
const title = form.elements.title;
const place = document.getElementById("similar");
const PAUSE = 400;
let waiting = 0;
let asked = title.value.trim();

async function look() {
  const text = title.value.trim();
  if (text === asked) return;
  asked = text;
  const answer = await fetch(`${form.dataset.similar}?title=${encodeURIComponent(text)}`);
  // What was asked before may answer after.
  if (answer.ok && asked === text) place.innerHTML = await answer.text();
}

title.addEventListener("input", () => {
  window.clearTimeout(waiting);
  waiting = window.setTimeout(look, PAUSE);
});
