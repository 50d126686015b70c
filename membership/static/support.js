// Says on the button what pressing it gives. Without this script the button reads "Continue" and a summary follows.
"use strict";

const form = document.querySelector("form.support");
const button = form.querySelector("button[data-plain]");
const confirmed = form.elements.confirmed;

function chosen(name) {
  const field = form.querySelector(`input[name=${name}]:checked, input[type=hidden][name=${name}]`);
  return field === null ? null : field;
}

function typedMinor() {
  const digits = Number(button.dataset.digits);
  const [whole, part = ""] = form.elements.amount.value.trim().replace(",", ".").split(".");
  if (!/^\d{1,8}$/.test(whole) || !/^\d*$/.test(part) || part.length > digits) return null;
  const minor = Number(whole + part.padEnd(digits, "0")), step = Number(button.dataset.step);
  // What cannot be charged is refused by the server, which names the nearest amounts that can be.
  return minor % step ? null : minor || null;
}

function money(minor) {
  const digits = Number(button.dataset.digits);
  const unit = 10 ** digits;
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "currency",
    currency: button.dataset.currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: minor % unit ? digits : 0,
    maximumFractionDigits: digits,
  }).format(minor / unit);
}

// The same whole numbers as on the server, which adds nothing else than what was shown here.
function coverOf(gift, { basisPoints, fixed, cap }, step) {
  let total = Math.ceil(((gift + Number(fixed)) * 10000) / (10000 - Number(basisPoints)));
  if (cap) total = Math.min(total, gift + Number(cap));
  return Math.ceil(total / step) * step - gift;
}

function offerCovers(gift) {
  const covers = form.querySelector(".covers");
  if (covers === null) return 0;
  covers.hidden = gift === null;
  for (const field of covers.querySelectorAll("[data-kind]")) {
    if (gift === null) {
      field.checked = false;
      continue;
    }
    const cover = coverOf(gift, field.dataset, Number(covers.dataset.step));
    field.value = `${field.dataset.kind}:${cover}`;
    const words = field.parentElement.querySelector("[data-words]");
    words.textContent = words.dataset.words.replace("{amount}", money(cover));
  }
  const chosenCover = covers.querySelector("[data-kind]:checked");
  return chosenCover === null ? 0 : Number(chosenCover.value.split(":")[1]);
}

function words() {
  const interval = chosen("interval").value;
  if (interval === "once") {
    const gift = typedMinor();
    const cover = offerCovers(gift);
    return gift === null ? null : button.dataset.once.replace("{amount}", money(gift + cover));
  }
  // Another amount or a code is checked by the server, and the summary says what comes of it.
  if (form.elements.more.value.trim() !== "" || form.elements.coupon.value.trim() !== "") return null;
  const tier = chosen("tier");
  return (tier && tier.dataset[interval]) || null;
}

function say() {
  const said = words();
  button.textContent = said || button.dataset.plain;
  // Only a button that said amount and frequency skips the summary.
  confirmed.value = said ? "1" : "";
}

form.addEventListener("input", say);
window.addEventListener("pageshow", say);
say();
