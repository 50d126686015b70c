// Lets topics be dragged into order, as an extra: the numbers are what is sent, and they can be written without this.
"use strict";

const list = document.querySelector(".ranking");
const numbers = () => [...list.querySelectorAll("input[type=number]")];
const topicOf = (input) => input.closest(".topic");
let held = null;

function ranked() {
  return numbers().filter((input) => input.value).sort((one, other) => one.value - other.value);
}

function follow() {
  const order = ranked();
  const rest = numbers().filter((input) => !input.value);
  for (const input of [...order, ...rest]) list.append(topicOf(input));
}

// Everything down to the topic that was dropped has its place now; what lies below it and had no number keeps none.
function renumber(dropped) {
  const inputs = numbers();
  const last = Math.max(inputs.indexOf(dropped), inputs.findLastIndex((input) => input.value && input !== dropped));
  inputs.forEach((input, place) => {
    input.value = place <= last ? place + 1 : "";
  });
}

function middle(topic) {
  const box = topic.getBoundingClientRect();
  return (box.top + box.bottom) / 2;
}

// Its neighbours make way: what is taken out of the page would lose the pointer.
function move(event) {
  if (!held) return;
  const [above, below] = [held.previousElementSibling, held.nextElementSibling];
  if (above && event.clientY < middle(above)) list.insertBefore(above, below);
  else if (below && event.clientY > middle(below)) list.insertBefore(below, held);
}

function drop() {
  if (!held) return;
  held.classList.remove("held");
  renumber(held.querySelector("input[type=number]"));
  held = null;
}

for (const input of numbers()) {
  const grip = topicOf(input).querySelector(".grip");
  grip.hidden = false;
  grip.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    held = topicOf(input);
    held.classList.add("held");
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener("pointermove", move);
  grip.addEventListener("pointerup", drop);
  grip.addEventListener("pointercancel", drop);
}

follow();
