// Puts the card on the page, keeps it out of the way, and takes it off again.

/**
 * @param {ShadowRoot} root @param {HTMLElement} card
 * @param {{seen: () => void, leave: () => void}} on seen: first time in view; leave: Escape
 * @returns {() => void} takes the card away and gives focus back
 */
export function place(root, card, on) {
  const host = /** @type {HTMLElement} */ (root.host);
  /** @type {Element | null} */
  let before = document.activeElement;
  document.body.append(host);

  if (card instanceof HTMLDialogElement) {
    card.addEventListener("cancel", (event) => {
      event.preventDefault();
      on.leave();
    });
    // A browser may close a dialog without asking when Escape is pressed twice.
    card.addEventListener("close", on.leave);
    card.showModal();
  } else {
    before = null;
    root.addEventListener("focusin", (event) => {
      const from = /** @type {FocusEvent} */ (event).relatedTarget;
      if (from instanceof Element && !root.contains(from)) before = from;
    });
    card.addEventListener("keydown", (event) => {
      if (event.key === "Escape") on.leave();
    });
    // The top layer needs no z-index and no friendly ancestors. Under a modal dialog of the page's own
    // it would lie over that dialog and be inert: then the plain fixed position is the polite one.
    if (card.showPopover && !document.querySelector(":modal")) {
      card.popover = "manual";
      card.showPopover();
    }
    document.addEventListener("focusin", uncover);
  }

  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    on.seen();
  });
  watch.observe(card);

  /** Scrolls what the keyboard reached out from under the card (WCAG 2.4.11). @param {FocusEvent} event */
  function uncover(event) {
    if (!(event.target instanceof Element) || event.target === host) return;
    const at = event.target.getBoundingClientRect();
    const us = card.getBoundingClientRect();
    if (at.top >= us.top && at.top < us.bottom && at.right > us.left && at.left < us.right)
      scrollBy(0, at.bottom - us.top + 8);
  }

  return () => {
    const inside = root.activeElement;
    document.removeEventListener("focusin", uncover);
    watch.disconnect();
    host.remove();
    if (inside && before instanceof HTMLElement) before.focus({ preventScroll: true });
  };
}
