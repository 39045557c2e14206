// Puts the card on the page, keeps it out of the way, and takes it off again.
/** @typedef {import("./types.js").Payload} Payload */
import { page, plain } from "../safe.js";
import { putIntoSlot } from "./slot.js";

/**
 * @param {HTMLElement} host what is put on the page: the card, or what it lies in
 * @param {HTMLElement} card @param {string} slots @param {Payload} payload
 * @param {{seen: () => void, leave: () => unknown}} on seen: first time in view; leave: Escape
 * @returns {(() => void) | undefined} takes the card away and gives focus back; undefined where there
 *   is no room for it
 */
export function place(host, card, slots, { mode, text }, on) {
  /** @type {Element | null} */
  let before = page.activeElement;
  let inSlot = false;
  if (PLUS && mode == "slot") {
    inSlot = putIntoSlot(host, card, slots);
    // What asks for nothing stands there or nowhere.
    if (!inSlot && !text.how) return;
    if (!inSlot) card.classList.replace("slot", "corner");
  }
  if (!inSlot) page.body.append(host);

  if (card instanceof HTMLDialogElement) {
    card.addEventListener("cancel", (event) => {
      event.preventDefault();
      on.leave();
    });
    // A browser may close a dialog without asking when Escape is pressed twice.
    card.addEventListener("close", () => {
      on.leave();
      if (host.isConnected) card.showModal();
    });
    card.showModal();
  } else {
    before = null;
    host.addEventListener("focusin", (event) => {
      const from = event.relatedTarget;
      if (from instanceof Element && !host.contains(from)) before = from;
    });
    card.addEventListener("keydown", (event) => {
      if (event.key == "Escape") on.leave();
    });
    // The top layer needs no z-index and no friendly ancestors. Under a modal dialog of the page's own
    // it would lie over that dialog and be inert: then the plain fixed position is the polite one.
    if (!inSlot && card.showPopover && !page.querySelector(":modal")) {
      card.popover = "manual";
      card.showPopover();
    }
    page.addEventListener("focusin", uncover);
  }

  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    on.seen();
  });
  watch.observe(card);

  /**
   * Brings what the keyboard reached out from under the card (WCAG 2.4.11): by scrolling and, at the
   * page's ends, by stepping aside.
   *
   * @param {FocusEvent} event
   */
  function uncover({ target }) {
    if (inSlot || !(target instanceof Element)) return;
    card.style.translate = "";
    if (host.contains(target)) return;
    const over = () => {
      const at = plain(target, Element).getBoundingClientRect();
      const us = card.getBoundingClientRect();
      if (at.top >= us.bottom || at.bottom <= us.top || at.right <= us.left || at.left >= us.right) return 0;
      return us.top > 0 ? at.bottom - us.top + 8 : at.top - us.bottom - 8;
    };
    scrollBy({ top: over(), behavior: "instant" });
    card.style.translate = `0 ${over()}px`;
  }

  return () => {
    const inside = host.contains(page.activeElement);
    page.removeEventListener("focusin", uncover);
    watch.disconnect();
    host.remove();
    if (inside && before instanceof HTMLElement) plain(before, HTMLElement).focus({ preventScroll: true });
  };
}
