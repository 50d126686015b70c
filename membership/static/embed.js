// Membership on the pages of a publication: who is reading, how to appeal to her, what is for members, what is voted on.
// docs/connect-a-site.md tells how to use it. It sets no cookie and sends no address of a page to anybody.
"use strict";
(() => {
  const script = document.currentScript || document.querySelector('script[src*="/embed.js"]');
  if (!script || customElements.get("membership-appeal")) return;
  const base = script.src.replace(/\/embed\.js.*$/, "");
  const own = script.dataset;
  const PATIENCE = 10000;
  const KEPT = 600;
  const KEPT_FAILURE = 30;
  const KEPT_WHILE_AWAY = 10;
  const A_MONTH = 30 * 86400;
  const UNKNOWN = { state: "unknown", flags: [], ask: "none" };
  const WORDS = {
    en: {
      full: "Keep this reporting open to everyone",
      fullText: "You can read this because readers pay for it. For the price of a coffee a month you keep it so, and you help to decide what we cover next.",
      soft: "You kept this open once",
      softText: "Thank you for that. If you would like to be part of it again, you are welcome.",
      give: "Support our reporting",
      known: "I am already a patron",
      later: "Remind me later",
      rested: "We will not ask again for a month.",
      gate: "The rest is for members",
      gateText: "Nearly all that we publish is open to everyone. A few pieces come to our members first, because they pay for them.",
      join: "Become a member",
      away: "We cannot ask who you are at the moment. Please try again in a minute.",
      until: "Members vote until",
      vote: "See what they vote on",
      chosen: "Members chose",
      result: "See the result",
    },
    uk: {
      full: "Нехай ця журналістика буде відкрита для всіх",
      fullText: "Ви читаєте це, бо за це платять читачі. За ціну кави на місяць так буде й далі, а ви разом з іншими вирішуєте, про що ми пишемо далі.",
      soft: "Колись ви вже тримали це відкритим",
      softText: "Дякуємо за це. Якщо захочете знову бути з нами, ми будемо раді.",
      give: "Підтримати редакцію",
      known: "Я вже патрон",
      later: "Нагадати пізніше",
      rested: "Місяць ми не питатимемо.",
      gate: "Решта — для учасників",
      gateText: "Майже все, що ми публікуємо, відкрите для всіх. Дещо спершу отримують наші учасники, бо за це платять вони.",
      join: "Стати учасником",
      away: "Зараз ми не можемо дізнатися, хто ви. Спробуйте, будь ласка, за хвилину.",
      until: "Учасники голосують до",
      vote: "Про що голосують",
      chosen: "Учасники обрали",
      result: "Переглянути результат",
    },
  };
  const CSS = `:host{display:block}:host([hidden]){display:none}
[part=box]{border-block:1px solid var(--membership-rule,currentColor);padding:1.25em 0;margin:1.5em 0;text-align:start}
[part=title] h2{font-size:1.25em;line-height:1.3}[part=title]{margin:0 0 .5em}h2{margin:0}p,ul{margin:0 0 1em}
[part=ways]{display:flex;flex-wrap:wrap;gap:.5em 1.25em;align-items:center;margin:0}
a,button{font:inherit;color:var(--membership-link,inherit);min-height:2.75em;display:inline-flex;align-items:center}
button{background:none;border:0;padding:0;text-decoration:underline;cursor:pointer}
[part=press]{background:var(--membership-action,none);color:var(--membership-action-ink,inherit);padding:0 1.1em;border:2px solid var(--membership-action,currentColor);border-radius:6px;text-decoration:none}
:focus-visible{outline:3px solid var(--membership-action,currentColor);outline-offset:2px}`;

  const now = () => Date.now() / 1000;
  const recall = (name) => {
    try {
      const kept = JSON.parse(localStorage.getItem(`membership:${name}`));
      return kept && kept.until > now() ? kept.value : null;
    } catch {
      return null;
    }
  };
  const keep = (name, value, seconds) => {
    try {
      localStorage.setItem(`membership:${name}`, JSON.stringify({ value, until: now() + seconds }));
    } catch {}
  };

  const ask = (url, credentials, method = "GET") =>
    fetch(url, { method, credentials, referrerPolicy: "no-referrer", keepalive: method === "POST", signal: AbortSignal.timeout(PATIENCE) });

  const claims = (pass) => JSON.parse(atob(pass.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));

  const decide = async () => {
    const kept = recall("decision");
    if (kept) return kept;
    let found = UNKNOWN;
    let seconds = KEPT_FAILURE;
    try {
      const answer = await ask(own.pass || `${base}/access/pass`, own.pass ? "same-origin" : "include");
      const said = await answer.json();
      if (answer.ok && said.pass) {
        const { state, flags, ask } = claims(said.pass);
        [found, seconds] = [{ state, flags, ask }, said.expires_in];
      } else if (answer.ok || answer.status === 401) {
        [found, seconds] = [{ state: "none", flags: [], ask: said.ask || "full" }, KEPT];
      }
      // In another tab she may be becoming somebody just now.
      if (!found.flags.length && recall("away")) seconds = KEPT_WHILE_AWAY;
    } catch {}
    keep("decision", found, seconds);
    return found;
  };

  const show = (decision) => {
    const quiet = recall("later") || decision.flags.includes("no_appeals");
    const shown = quiet ? { ...decision, ask: "none" } : decision;
    const marks = document.documentElement.dataset;
    marks.membershipState = shown.state;
    marks.membershipFlags = shown.flags.join(" ");
    marks.membershipAsk = shown.ask;
    document.dispatchEvent(new CustomEvent("membership", { detail: shown }));
    return shown;
  };
  const known = decide().then(show);

  const make = (name, part, text, more = {}) => {
    const made = Object.assign(document.createElement(name), { textContent: text || "" }, more);
    if (part) made.setAttribute("part", part);
    return made;
  };
  const slot = (name, ...inside) => {
    const made = make("slot", "", "", { name });
    made.append(...inside);
    return made;
  };
  const link = (part, text, href) => make("a", part, text, { href, referrerPolicy: "no-referrer" });

  class Piece extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const language = (this.closest("[lang]") || { lang: "" }).lang.slice(0, 2);
      this.language = WORDS[language] ? language : "en";
      this.words = WORDS[this.language];
      this.attachShadow({ mode: "open" });
      try {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(CSS);
        this.shadowRoot.adoptedStyleSheets = [sheet];
      } catch {}
      this.begin();
    }
    box(title, ...inside) {
      const box = make("section", "box");
      const head = make("div", "title", "", { id: "title" });
      head.append(slot("title", make("h2", "", title)));
      box.setAttribute("aria-labelledby", "title");
      box.append(head, ...inside);
      this.shadowRoot.replaceChildren(box);
      this.hidden = false;
    }
    ways(press, ...more) {
      const said = this.getAttribute("from");
      const from = said && new URL(said, location.origin).href;
      const query = new URLSearchParams({ lang: this.language, ...(from && { from }) });
      const next = from && `/access/back?${new URLSearchParams({ to: from })}`;
      const wayIn = new URLSearchParams({ lang: this.language, ...(next && { next }) });
      const signIn = this.getAttribute("sign-in") || `${base}/sign-in?${wayIn}`;
      const ways = make("p", "ways");
      ways.append(
        slot("ways", link("press", press, `${base}/?${query}`), " ", link("link", this.words.known, signIn)),
        ...more,
      );
      return ways;
    }
  }

  class Appeal extends Piece {
    async begin() {
      const { ask } = await known;
      if (ask === "none") return;
      this.setAttribute("ask", ask);
      const later = make("button", "later", this.words.later, { type: "button", onclick: () => this.rest() });
      const text = slot("", make("p", "text", this.words[`${ask}Text`]));
      this.box(this.words[ask], text, this.ways(this.words.give, later));
    }
    rest() {
      keep("later", 1, A_MONTH);
      const url = own.later || (own.pass ? "" : `${base}/access/later`);
      if (url) ask(url, own.later ? "same-origin" : "include", "POST").catch(() => {});
      known.then(show);
      const said = make("p", "text", this.words.rested, { tabIndex: -1, role: "status" });
      this.shadowRoot.replaceChildren(said);
      said.focus();
    }
  }

  class Gate extends Piece {
    async begin() {
      this.close();
      const { flags, state } = await known;
      if (flags.includes(this.getAttribute("flag") || "paywall_free")) this.open();
      else if (state === "unknown") this.close(make("p", "note", this.words.away));
    }
    close(...note) {
      this.box(this.words.gate, slot("", make("p", "text", this.words.gateText)), ...note, this.ways(this.words.join));
    }
    open() {
      const rest = this.querySelector("template");
      // A page whose own script fetches the rest says so by preventing the default: that the gate stays.
      const isMet = !this.dispatchEvent(new CustomEvent("membership-open", { bubbles: true, cancelable: true }));
      if (!rest && !isMet) return;
      this.shadowRoot.replaceChildren(slot(""));
      if (rest) this.replaceChildren(rest.content.cloneNode(true));
      else this.hidden = true;
    }
  }

  class Vote extends Piece {
    async begin() {
      const round = await this.find();
      if (!round) return;
      const say = (texts) => texts[this.language] || texts.en || Object.values(texts)[0];
      const to = (words) => make("p", "ways").appendChild(link("press", words, round.url)).parentNode;
      if (round.is_open) {
        const day = new Intl.DateTimeFormat(this.language === "en" ? "en-GB" : this.language, { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
        const until = `${this.words.until} ${day.format(new Date(round.closes_at))}.`;
        this.box(say(round.title), make("p", "text", until), to(this.words.vote));
      } else {
        const list = make("ul", "list");
        const chosen = round.topics.filter((one) => round.chosen.includes(one.topic));
        list.append(...chosen.map((one) => make("li", "topic", say(one.title))));
        this.box(say(round.title), make("p", "text", `${this.words.chosen}:`), list, to(this.words.result));
      }
    }
    async find() {
      const wanted = this.getAttribute("round");
      const kept = recall(`vote:${wanted}`);
      if (kept) return kept.round;
      let round = null;
      let seconds = KEPT_FAILURE;
      try {
        const answer = await ask(this.getAttribute("src") || `${base}/api/v1/rounds`, "omit");
        const { rounds } = await answer.json();
        const told = rounds.filter((one) => one.is_open || one.chosen.length);
        const open = told.find((one) => one.is_open);
        round = (wanted ? told.find((one) => one.round === wanted) : open || told[0]) || null;
        seconds = KEPT;
      } catch {}
      keep(`vote:${wanted}`, { round }, seconds);
      return round;
    }
  }

  // Whoever goes to Membership may come back as somebody else.
  const follow = (event) => {
    const followed = event.composedPath().find((one) => one.href);
    const isOurs = followed && (followed.getRootNode().host instanceof Piece || String(followed.href).startsWith(base));
    if (!isOurs) return;
    keep("decision", null, 0);
    keep("away", 1, KEPT);
  };
  for (const kind of ["click", "auxclick"]) document.addEventListener(kind, follow, true);
  for (const [name, kind] of Object.entries({ appeal: Appeal, gate: Gate, vote: Vote })) {
    customElements.define(`membership-${name}`, kind);
  }
})();
