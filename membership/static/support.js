// Says on the button what pressing it gives. Without this script the button reads "Continue" and a summary follows.
"use strict";

const form = document.querySelector("form.support");
const button = form.querySelector("button[data-plain]");
const confirmed = form.elements.confirmed;

function chosen(name) {
  const field = form.querySelector(`input[name=${name}]:checked, input[type=hidden][name=${name}]`);
  return field === null ? null : field;
}

function typedAmount() {
  const text = form.elements.amount.value.trim().replace(",", ".");
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) === 0) return null;
  const fraction = text.includes(".") ? undefined : 0;
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "currency",
    currency: button.dataset.currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: fraction,
  }).format(Number(text));
}

function words() {
  const interval = chosen("interval").value;
  if (interval === "once") {
    const amount = typedAmount();
    return amount === null ? null : button.dataset.once.replace("{amount}", amount);
  }
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
