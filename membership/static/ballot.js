// Ranks topics by buttons and by dragging, as an extra: the numbers are what is sent, and they can be written without it.
// What stands above the line is ranked and what stands below it is not; a topic crosses it only when somebody moves it.
"use strict";

const list = document.querySelector(".ranking");
const line = list.querySelector(".line");
const voice = document.querySelector("[data-ranked]");
const inputOf = (topic) => topic.querySelector("input[type=number]");
const topics = () => [...list.querySelectorAll(".topic")];
const isRanked = (topic) => Boolean(line.compareDocumentPosition(topic) & Node.DOCUMENT_POSITION_PRECEDING);
let held = null;

function show() {
  const ranked = topics().filter(isRanked);
  line.classList.toggle("empty", !ranked.length);
  for (const topic of topics()) {
    const [up, down] = topic.querySelectorAll("button");
    up.setAttribute("aria-disabled", topic === ranked[0]);
    down.setAttribute("aria-disabled", !isRanked(topic));
  }
}

// The list after the numbers: the ranked ones in their order above the line, the others as they stood below it.
function sort() {
  const order = topics().filter((topic) => inputOf(topic).value);
  order.sort((one, other) => inputOf(one).value - inputOf(other).value);
  line.before(...order);
  line.after(...topics().filter((topic) => !order.includes(topic)));
  line.classList.remove("away");
  show();
}

// The numbers after the list.
function renumber(moved) {
  const ranked = topics().filter(isRanked);
  for (const topic of topics()) inputOf(topic).value = ranked.includes(topic) ? ranked.indexOf(topic) + 1 : "";
  show();
  const said = isRanked(moved) ? voice.dataset.ranked : voice.dataset.unranked;
  voice.textContent = said
    .replace("{topic}", () => moved.querySelector(".title").textContent)
    .replace("{place}", inputOf(moved).value);
}

function step(button) {
  if (button.getAttribute("aria-disabled") === "true") return;
  const topic = button.closest(".topic");
  sort();
  if (!isRanked(topic)) line.before(topic);
  else if (button.dataset.way === "up") topic.previousElementSibling?.before(topic);
  else topic.nextElementSibling.after(topic);
  renumber(topic);
  button.focus();
}

function middle(topic) {
  const box = topic.getBoundingClientRect();
  return (box.top + box.bottom) / 2;
}

// Its neighbours make way: what is taken out of the page would lose the pointer.
function drag(event) {
  if (!held) return;
  while (held.previousElementSibling && event.clientY < middle(held.previousElementSibling)) {
    held.after(held.previousElementSibling);
  }
  while (held.nextElementSibling && event.clientY > middle(held.nextElementSibling)) {
    held.before(held.nextElementSibling);
  }
}

function drop() {
  if (!held) return;
  held.classList.remove("held");
  renumber(held);
  held = null;
}

for (const topic of topics()) {
  const grip = topic.querySelector(".grip");
  topic.querySelector(".movers").hidden = false;
  for (const button of topic.querySelectorAll("button")) button.addEventListener("click", () => step(button));
  grip.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    sort();
    held = topic;
    held.classList.add("held");
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener("pointermove", drag);
  grip.addEventListener("pointerup", drop);
  grip.addEventListener("pointercancel", drop);
}

// While numbers are written nothing moves under the reader's hands, and the line says nothing.
list.addEventListener("input", () => line.classList.add("away"));
line.hidden = false;
sort();
// Numbers that the browser kept when she comes back are written after this has run.
window.addEventListener("pageshow", sort);
