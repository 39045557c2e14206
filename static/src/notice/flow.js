// What happens when the visitor does something: steps, a second look, thanks, not now.
/** @typedef {import("./types.js").Handoff} Handoff */
/** @typedef {import("./types.js").Payload} Payload */
import {
  UNMARKED,
  dismissed,
  forget,
  format,
  isReloaded,
  read,
  reloading,
  write,
} from "../memory.js";
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
  const { config, key, thanks, verdict } = handoff;
  /** Without this note the next page could not know that it came from here. */
  const wait = () => write(key, format({ ...read(key), _mark: reloading(verdict.kind || "unsure") }));
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
  const reloaded = isReloaded(entry);
  if (reloaded) write(key, format({ ...entry, _mark: UNMARKED }));

  const view =
    (OWN && own(payload)) || build(makeRoot(css + (payload.css || "")), payload);
  const { _host, _card, _status, _done, _close, _later, _reload, _steps, _how, _more, _disputed } = view;
  let thanked = false;
  let gone = false;
  let busy = false;
  const uncover = PLUS ? cover(payload) : () => {};
  const remove = place(_host, _card, handoff.slots, payload, see, leave);
  // An ad's place that has no room for it: nothing is shown.
  if (!remove) return uncover();

  /** @returns {unknown} */
  function leave() {
    if (gone || (mode == "hard-wall" && !thanked)) return;
    gone = true;
    uncover();
    /** @type {() => void} */ (remove)();
    if (thanked) return;
    write(key, format(dismissed(read(key), Date.now(), payload.days || DAYS)));
    say("dismissed");
  }

  function open() {
    _steps.hidden = false;
    _how.hidden = true;
    _card.classList.add("open");
    view._lead.focus({ preventScroll: true });
    say("steps");
    // Whoever went to the blocker's panel or settings comes back to this page.
    page.addEventListener("visibilitychange", () => page.hidden || look());
  }

  /**
   * What few ask for comes when they do, and once.
   *
   * @param {any} element @param {"onclick" | "ontoggle"} event @param {string} query
   * @param {(answer: any) => void} use
   */
  function onDemand(element, event, query, use) {
    element[event] = async () => {
      element[event] = null;
      try {
        use(await (await fetch(config + query)).json());
      } catch {
        onDemand(element, event, query, use);
      }
    };
  }

  function thank() {
    thanked = true;
    forget(key);
    _close.hidden = false;
    if (_host.contains(page.activeElement)) _close.focus({ preventScroll: true });
    _card.classList.add("over");
    _card.setAttribute("aria-label", text.thanks);
    _status.textContent = text.thanks;
    say("allowed");
    fade();
  }

  /** Nobody has to be quick (WCAG 2.2.1): it stays while pointed at or focused. */
  function fade() {
    setTimeout(() => {
      if (_host.contains(page.activeElement) || _card.matches(":hover")) fade();
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
    _done.setAttribute("aria-disabled", "true");
    _status.textContent = text.looking;
    let state = "unknown";
    try {
      state = (await handoff.recheck()).state;
    } catch {
      // As good as "cannot tell".
    }
    busy = false;
    _done.removeAttribute("aria-disabled");
    if (gone) return;
    const next = outcome(state, reloaded);
    if (next == "thanks") return thank();
    _status.textContent = text[next];
    _reload.hidden = next == "again";
    _card.classList.add("told");
    if (payload.auto && next == "still" && wait()) location.reload();
  }

  if (_later) {
    // The same count as in dismissed().
    _later.title = text.quiet?.[+(entry._dismissals > 1)] || "";
    _later.onclick = leave;
  }
  _close.onclick = leave;
  _how.onclick = open;
  _done.onclick = look;
  _reload.onclick = again;
  if (_more) onDemand(_more, "ontoggle", "&g=1", (guides) => guides.map(/** @param {any} guide */ (guide) => addGuide(_more, guide)));
  onDemand(_disputed, "onclick", "&d=1", (texts) =>
    handoff.load(texts.src, { ...handoff, texts, card: _card, close: _close, settle: () => (thanked = true) }),
  );
  for (const link of view._links) link.onclick = () => say("support");

  // A live region speaks only of what changes after it is there.
  setTimeout(() => {
    if (thanks) thank();
    else if (reloaded) _status.textContent = text.again;
  });
}
