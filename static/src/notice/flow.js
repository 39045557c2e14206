// What happens when the visitor does something: steps, a second look, thanks, not now.
/** @typedef {import("./types.js").Handoff} Handoff */
/** @typedef {import("./types.js").Payload} Payload */
import { outcome } from "./choose.js";
import { makeRoot } from "./host.js";
import { place } from "./place.js";
import { dismissed, read, write } from "./storage.js";
import { build } from "./view.js";

const THANKS_MS = 1e4;

/** @param {Handoff} handoff @param {Payload} payload @param {string} css */
export function start(handoff, payload, css) {
  const { key, say, recheck, verdict } = handoff;
  const { text } = payload;
  const entry = read(key);
  const reloaded = entry.waiting;
  if (reloaded) write(key, { ...entry, waiting: false });

  const root = makeRoot(css);
  const modal = payload.mode === "modal" && !handoff.thanks;
  const view = build(root, payload, verdict.kind, modal);
  let thanked = false;
  let gone = false;
  let busy = false;
  const remove = place(root, view.card, {
    seen: () => {
      if (!handoff.thanks) say("shown");
    },
    leave,
  });

  function leave() {
    if (gone) return;
    gone = true;
    remove();
    if (thanked) return;
    write(key, dismissed(read(key), Date.now()));
    say("dismissed");
  }

  function open() {
    view.steps.hidden = false;
    view.how.hidden = true;
    view.card.classList.add("open");
    view.lead.focus({ preventScroll: true });
    say("steps");
  }

  function thank() {
    thanked = true;
    write(key, null);
    if (root.activeElement) view.close.focus({ preventScroll: true });
    view.card.classList.add("over");
    view.card.setAttribute("aria-label", text.thanks);
    view.status.textContent = text.thanks;
    say("allowed");
    fade();
  }

  /** Nobody has to be quick (WCAG 2.2.1): it stays while pointed at or focused. */
  function fade() {
    setTimeout(() => {
      if (root.activeElement || view.card.matches(":hover")) fade();
      else leave();
    }, THANKS_MS);
  }

  async function look() {
    if (busy) return;
    busy = true;
    say("recheck");
    view.done.setAttribute("aria-disabled", "true");
    view.status.textContent = text.looking;
    let state = "unknown";
    try {
      state = (await recheck()).state;
    } catch {
      // As good as "cannot tell".
    }
    busy = false;
    view.done.removeAttribute("aria-disabled");
    if (gone) return;
    const next = outcome(state, reloaded);
    if (next === "thanks") return thank();
    view.status.textContent = text[next];
    view.reload.hidden = next === "again";
    view.card.classList.add("told");
  }

  // The same count as in dismissed().
  view.later.title = text.quiet[+(entry.dismissals > 1)];
  view.how.onclick = open;
  view.done.onclick = look;
  view.later.onclick = view.close.onclick = leave;
  view.reload.onclick = () => {
    write(key, { ...read(key), waiting: true });
    location.reload();
  };

  // A live region speaks only of what changes after it is there.
  setTimeout(() => {
    if (handoff.thanks) thank();
    else if (reloaded) view.status.textContent = text.again;
  });
}
