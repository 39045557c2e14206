// Adds up how far the elements of a page move by themselves, in browsers that have no measure of that.
// Scores as https://wicg.github.io/layout-instability/ has them: of what moved in a frame, the share of the
// window that it takes up before and after, times how far it went. A function of whether to measure even
// where the browser does; called before the page's own scripts, and ended by whoever reads it.
(always) => {
  const KEY = Symbol.for("detector.shift");
  const measured = PerformanceObserver.supportedEntryTypes?.includes("layout-shift");
  if (top != self || window[KEY] || (measured && !always)) return;
  const MOST = 3000; // elements that are looked at in a frame
  const LEAST = 3; // pixels
  const AFTER_INPUT = 500; // milliseconds in which a page may answer by moving
  const [COLUMNS, ROWS] = [80, 50]; // the window as a grid, for the area of boxes that overlap
  const INPUTS = ["pointerdown", "keydown", "input"];

  let before = null;
  let place = "";
  let touched = -AFTER_INPUT;
  let painted = false;
  let going = true;
  let score = 0;
  const moved = new Map();
  const carried = new WeakSet();

  const isIn = ({ left, top, right, bottom, width, height }) =>
    width > 0 && height > 0 && right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;

  const boxes = () => {
    const found = new Map();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT);
    for (let n = 0, one = walker.currentNode; one && n < MOST; n++, one = walker.nextNode()) {
      const box = one.getBoundingClientRect();
      if (isIn(box)) found.set(one, box);
    }
    return found;
  };

  // What is moved by a transform moves nothing else, and does not count.
  const isTransformed = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const { transform, translate } = getComputedStyle(at);
      if (transform != "none" || (translate || "none") != "none") return true;
    }
    return false;
  };

  const distance = (one, was, box) => {
    if (!was) return 0;
    const [left, right, down] = ["left", "right", "top"].map((side) => Math.abs(box[side] - was[side]));
    if (Math.max(left, right, down) < LEAST) return 0;
    const { direction, visibility } = getComputedStyle(one);
    const far = Math.max(direction == "rtl" ? right : left, down);
    if (far < LEAST || visibility != "visible") return 0;
    // Nor does its way back.
    const returns = carried.delete(one);
    if (!isTransformed(one)) return returns ? 0 : far;
    carried.add(one);
    return 0;
  };

  const cover = (cells, { left, top, right, bottom }) => {
    const [wide, high] = [innerWidth / COLUMNS, innerHeight / ROWS];
    const last = Math.min(COLUMNS, Math.round(right / wide));
    for (let y = Math.max(0, Math.round(top / high)); y < Math.min(ROWS, Math.round(bottom / high)); y++)
      cells.fill(1, y * COLUMNS + Math.max(0, Math.round(left / wide)), y * COLUMNS + last);
  };

  const compare = (now) => {
    const cells = new Uint8Array(COLUMNS * ROWS);
    const those = new Map();
    let farthest = 0;
    for (const [one, box] of now) {
      const was = before.get(one);
      const far = distance(one, was, box);
      if (!far) continue;
      farthest = Math.max(farthest, far);
      cover(cells, was);
      cover(cells, box);
      // Named is the outermost of what moved.
      if (!those.has(one.parentElement)) those.set(one, box.width * box.height);
      else those.set(one, 0);
    }
    if (!farthest) return;
    const share = cells.reduce((sum, cell) => sum + cell, 0) / cells.length;
    const value = share * Math.min(1, farthest / Math.max(innerWidth, innerHeight));
    score += value;
    for (const [one, area] of those) if (area) moved.set(one, (moved.get(one) || 0) + value * area);
  };

  const look = () => {
    if (!going) return;
    requestAnimationFrame(look);
    // Nothing that was never painted can move before anybody's eyes.
    painted = painted || performance.getEntriesByName("first-contentful-paint").length > 0;
    if (!painted || !document.body) return;
    const here = `${scrollX} ${scrollY} ${innerWidth} ${innerHeight}`;
    const now = boxes();
    if (before && here == place && performance.now() - touched > AFTER_INPUT) compare(now);
    before = now;
    place = here;
  };

  const note = () => (touched = performance.now());
  for (const type of INPUTS) addEventListener(type, note, { capture: true, passive: true });
  requestAnimationFrame(look);
  Object.defineProperty(window, KEY, {
    configurable: true,
    value: () => {
      going = false;
      for (const type of INPUTS) removeEventListener(type, note, { capture: true });
      delete window[KEY];
      const most = [...moved].sort((a, b) => b[1] - a[1]).map(([one]) => one);
      return { score, moved: most };
    },
  });
}
