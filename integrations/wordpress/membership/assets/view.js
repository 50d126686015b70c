/** Before the page is painted: what the reader's own hint says, for CSS. Then the closed pieces that she may read. */
(() => {
  const pair = document.cookie.split("; ").find((one) => one.startsWith("membership_hint="));
  const [state = "none", ask = "full", flags = ""] = pair ? decodeURIComponent(pair.slice(16)).split(".") : [];
  const has = new Set(flags.split("+"));
  const marks = { membershipState: state, membershipAsk: has.has("no_appeals") ? "none" : ask, membershipFlags: [...has].join(" ") };
  Object.assign(document.documentElement.dataset, marks);
  if (!pair) return;

  const open = async (post, gates) => {
    const url = membershipPieces.url + post;
    const answer = await fetch(url, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) return;
    const { pieces } = await answer.json();
    for (const gate of gates) {
      const piece = pieces[gate.dataset.piece];
      if (piece !== undefined) gate.outerHTML = piece;
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    const gates = [...document.querySelectorAll(".membership-gate")].filter((gate) => has.has(gate.dataset.flag));
    for (const post of new Set(gates.map((gate) => gate.dataset.post))) {
      open(post, gates.filter((gate) => gate.dataset.post === post)).catch(() => {});
    }
  });
})();
