// Puts the open vote into a page of the publication:
//   <div data-membership-votes="https://members.example.org" data-language="en"></div>
//   <script src="https://members.example.org/static/embed-votes.js" defer></script>
// It asks without cookies, for the same piece that everybody gets, and leaves the place as it is when there is no answer.
"use strict";

for (const place of document.querySelectorAll("[data-membership-votes]")) {
  const language = place.dataset.language || document.documentElement.lang || "en";
  const address = `${place.dataset.membershipVotes}/api/v1/embed/votes?lang=${encodeURIComponent(language)}`;
  fetch(address, { credentials: "omit" })
    .then((answer) => (answer.ok ? answer.text() : ""))
    .then((piece) => {
      if (piece) place.innerHTML = piece;
    })
    .catch(() => {});
}
