// What happens when the visitor does something: steps, a second look, thanks, not now.
/** @typedef {import("./types.js").Handoff} Handoff */
/** @typedef {import("./types.js").Payload} Payload */
import { dismissed, forget, format, read, write } from "../memory.js";
import { page } from "../safe.js";
import { outcome } from "./choose.js";
import { cover, own } from "./page.js";
import { makeRoot } from "./host.js";
import { place } from "./place.js";
import { addGuide, build } from "./view.js";

const THANKS_MS = 1e4;
const DAYS = [7, 30];

/** @param {Handoff} handoff @param {Payload} payload @param {string} css */
export function start(handoff, payload, css) {
  const { config, key, recheck, thanks, verdict } = handoff;
  /** Without this note the next page could not know that it came from here. */
  const wait = () => write(key, format({ ...read(key), mark: "w" + (verdict.kind || "unsure")[0] }));
  const { text, mode, lang } = payload;
  let shown = thanks;
  const see = () => {
    if (!shown) handoff.say("shown", lang);
    shown = true;
  };
  /** Whoever does something has seen it, told by the browser yet or not. @param {import("./types.js").Action} action */
  const say = (action) => {
    see();
    handoff.say(action, lang);
  };
  const entry = read(key);
  const reloaded = entry.mark > "b";
  if (reloaded) write(key, format({ ...entry, mark: "-" }));

  const hard = mode == "hard-wall";
  const view =
    (OWN && own(payload)) || build(makeRoot(css + (payload.css || "")), payload);
  const { card, status, done, close, later, reload, steps, how, more } = view;
  let thanked = false;
  let gone = false;
  let busy = false;
  const uncover = PLUS ? cover(payload) : () => {};
  const remove = place(view.host, card, handoff.slots, payload, {
    seen: see,
    leave,
  });
  // An ad's place that has no room for it: nothing is shown.
  if (!remove) return uncover();

  /** @returns {unknown} */
  function leave() {
    if (gone || (hard && !thanked)) return;
    gone = true;
    uncover();
    /** @type {() => void} */ (remove)();
    if (thanked) return;
    write(key, format(dismissed(read(key), Date.now(), payload.days || DAYS)));
    say("dismissed");
  }

  function open() {
    steps.hidden = false;
    how.hidden = true;
    card.classList.add("open");
    view.lead.focus({ preventScroll: true });
    say("steps");
    // Whoever went to the blocker's panel or settings comes back to this page.
    page.addEventListener("visibilitychange", () => page.hidden || look());
  }

  /** The guides for all other blockers come when somebody asks for them. */
  async function fill() {
    const box = /** @type {HTMLElement} */ (more);
    box.ontoggle = null;
    try {
      for (const guide of await (await fetch(config + "&g=1")).json()) addGuide(box, guide);
    } catch {
      box.ontoggle = fill;
    }
  }

  function thank() {
    thanked = true;
    forget(key);
    close.hidden = false;
    if (view.host.contains(page.activeElement)) close.focus({ preventScroll: true });
    card.classList.add("over");
    card.setAttribute("aria-label", text.thanks);
    status.textContent = text.thanks;
    say("allowed");
    fade();
  }

  /** Nobody has to be quick (WCAG 2.2.1): it stays while pointed at or focused. */
  function fade() {
    setTimeout(() => {
      if (view.host.contains(page.activeElement) || card.matches(":hover")) fade();
      else leave();
    }, THANKS_MS);
  }

  function again() {
    wait();
    location.reload();
  }

  async function look() {
    if (busy || gone || thanked) return;
    busy = true;
    say("recheck");
    done.setAttribute("aria-disabled", "true");
    status.textContent = text.looking;
    let state = "unknown";
    try {
      state = (await recheck()).state;
    } catch {
      // As good as "cannot tell".
    }
    busy = false;
    done.removeAttribute("aria-disabled");
    if (gone) return;
    const next = outcome(state, reloaded);
    if (next == "thanks") return thank();
    status.textContent = text[next];
    reload.hidden = next == "again";
    card.classList.add("told");
    if (payload.auto && next == "still" && wait()) location.reload();
  }

  if (later) {
    // The same count as in dismissed().
    later.title = text.quiet?.[+(entry.dismissals > 1)] || "";
    later.onclick = leave;
  }
  close.onclick = leave;
  how.onclick = open;
  done.onclick = look;
  reload.onclick = again;
  if (more) more.ontoggle = fill;
  for (const link of view.links) link.onclick = () => say("support");

  // A live region speaks only of what changes after it is there.
  setTimeout(() => {
    if (thanks) thank();
    else if (reloaded) status.textContent = text.again;
  });
}
