/** Before the page is painted: what the reader's own hint says, for CSS. Then who she is now, if that may have changed, and the closed pieces that she may read. */
(() => {
  const AWAY = "membership_away";
  const AN_HOUR = 3600;
  const FIRST_WAIT = 10;
  const now = () => Math.floor(Date.now() / 1000);
  const cookie = (name) => {
    const pair = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
    return pair && decodeURIComponent(pair.slice(name.length + 1));
  };
  const keepAway = (next, wait, seconds = AN_HOUR) => {
    document.cookie = `${AWAY}=${next}.${wait}; path=${membershipPieces.path}; max-age=${seconds}; samesite=lax`;
  };

  const show = () => {
    const hint = cookie("membership_hint");
    const [state = "none", ask = "full", flags = "", until = "0"] = hint ? hint.split(".") : [];
    const has = new Set(flags.split("+"));
    Object.assign(document.documentElement.dataset, {
      membershipReader: hint ? "known" : "stranger",
      membershipState: state,
      membershipAsk: has.has("no_appeals") ? "none" : ask,
      membershipFlags: [...has].join(" "),
    });
    return { isKnown: Boolean(hint), isOld: !(now() < until), has, said: `${state} ${flags}` };
  };

  // Somebody who was at Membership may be a member now. The longer she is not, the more seldom it is asked.
  const isDue = () => {
    const away = cookie(AWAY);
    const [next, wait] = (away || "").split(".").map(Number);
    if (!away || !(now() >= next)) return false;
    keepAway(now() + wait, 2 * wait);
    return true;
  };

  const open = async (post, gates) => {
    const answer = await fetch(membershipPieces.url + post, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) return;
    const { pieces } = await answer.json();
    for (const gate of gates) {
      const piece = pieces[gate.dataset.piece];
      if (piece !== undefined) gate.outerHTML = piece;
    }
  };

  const meet = async () => {
    let reader = show();
    if (reader.isKnown && (reader.isOld || isDue())) {
      const before = reader.said;
      await fetch(membershipPieces.reader, { credentials: "same-origin", cache: "no-store" }).catch(() => {});
      reader = show();
      if (reader.said !== before) keepAway(0, 0, 0);
    }
    const gates = [...document.querySelectorAll(".membership-gate")].filter((gate) => reader.has.has(gate.dataset.flag));
    for (const post of new Set(gates.map((gate) => gate.dataset.post))) {
      open(post, gates.filter((gate) => gate.dataset.post === post)).catch(() => {});
    }
  };

  show();
  document.addEventListener("DOMContentLoaded", meet);
  addEventListener("pageshow", (event) => event.persisted && meet());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && cookie(AWAY) && meet());
  for (const kind of ["click", "auxclick"]) {
    const follow = (event) => {
      const link = event.composedPath().find((one) => one.href);
      if (link && String(link.href).startsWith(membershipPieces.membership)) keepAway(0, FIRST_WAIT);
    };
    document.addEventListener(kind, follow, true);
  }
})();
