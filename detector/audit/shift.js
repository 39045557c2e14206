// Sums how far the elements of a page move by themselves, in browsers that do not measure it.
// From the first frame that shows something, boxes are compared with those of the frame before, and
// scored as in https://wicg.github.io/layout-instability/: of what moved in a frame, the share of the
// window that can be seen of it before and after, times how far it went. A function of whether to
// measure even if the browser does; called before the page's own scripts, ended by its reader.
(always) => {
  const KEY = Symbol.for("detector.shift");
  const measured = PerformanceObserver.supportedEntryTypes?.includes("layout-shift");
  if (top != self || window[KEY] || (measured && !always)) return;
  const MOST = 500; // boxes that are compared in a frame
  const VISITS = 1500; // elements whose boxes are read
  const LEAST = 3; // pixels
  const AFTER_INPUT = 500; // milliseconds in which a page may answer by moving
  const INPUT = ["pointerdown", "mousedown", "keydown", "click", "resize"];
  const later = requestAnimationFrame.bind(window);
  // A form that asks how many children travel has a field of that name in the property's place.
  const children = Object.getOwnPropertyDescriptor(Element.prototype, "children").get;
  const options = { capture: true, passive: true };
  let before = new Map();
  let input = -Infinity;
  let next = 0;
  let scrolled = false;
  let ended = false;
  let score = 0;
  const moved = [];

  // Before the first paint it would force a layout without style sheets, which slows sites down.
  const paints = PerformanceObserver.supportedEntryTypes?.includes("paint");
  const isShown = () =>
    paints
      ? performance.getEntriesByName("first-contentful-paint").length > 0
      : document.readyState != "loading";

  // Where layout puts an element: neither scrolling nor a transform changes that.
  const place = (one, known) => {
    if (!one) return [0, 0];
    if (!known.has(one)) {
      const [x, y] = place(one.offsetParent, known);
      known.set(one, [x + one.offsetLeft, y + one.offsetTop]);
    }
    return known.get(one);
  };

  // Outer elements first: if there are too many, what moves with them is inside them.
  const take = () => {
    const found = new Map();
    const known = new Map();
    const queue = document.body ? [document.body] : [];
    for (let at = 0; at < queue.length && at < VISITS && found.size < MOST; at++) {
      const one = queue[at];
      const box = one.getBoundingClientRect();
      const isEmpty = !box.width || !box.height;
      if (isEmpty && getComputedStyle(one).display == "none") continue;
      const isNear = box.bottom > -innerHeight && box.top < 2 * innerHeight;
      if (!isEmpty && isNear && one instanceof HTMLElement)
        found.set(one, { box, place: place(one, known) });
      if (queue.length < VISITS && !(one instanceof SVGElement)) {
        queue.push(...children.call(one));
        if (one.shadowRoot) queue.push(...one.shadowRoot.children);
      }
    }
    return found;
  };

  const cut = (box, to) => {
    const [left, top] = [Math.max(box.left, to.left), Math.max(box.top, to.top)];
    const [right, bottom] = [Math.min(box.right, to.right), Math.min(box.bottom, to.bottom)];
    return right > left && bottom > top ? [{ left, top, right, bottom }] : [];
  };
  // The visible part of a box: what its containers clip is not seen to move.
  const seen = (one, box) => {
    let parts = cut(box, { left: 0, top: 0, right: innerWidth, bottom: innerHeight });
    for (let at = one.parentElement; at && at != document.body && parts.length; at = at.parentElement)
      if (getComputedStyle(at).overflow != "visible")
        parts = cut(parts[0], at.getBoundingClientRect());
    return parts;
  };

  // The area of the union of boxes: strip by strip between all their edges.
  const area = (boxes) => {
    const edges = [...new Set(boxes.flatMap((one) => [one.left, one.right]))].sort((a, b) => a - b);
    const ordered = [...boxes].sort((a, b) => a.top - b.top);
    let all = 0;
    for (let at = 1; at < edges.length; at++) {
      let [height, end] = [0, -Infinity];
      for (const one of ordered) {
        if (one.left >= edges[at] || one.right <= edges[at - 1] || one.bottom <= end) continue;
        height += one.bottom - Math.max(one.top, end);
        end = one.bottom;
      }
      all += height * (edges[at] - edges[at - 1]);
    }
    return all;
  };

  const movesOf = (now) => {
    const moves = [];
    for (const [one, { box, place }] of now) {
      const was = before.get(one);
      if (!was || (was.place[0] == place[0] && was.place[1] == place[1])) continue;
      const edge = getComputedStyle(one).direction == "rtl" ? "right" : "left";
      const far = Math.max(Math.abs(box[edge] - was.box[edge]), Math.abs(box.top - was.box.top));
      if (far < LEAST) continue;
      if (!one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const boxes = [...seen(one, was.box), ...seen(one, box)];
      if (boxes.length) moves.push({ one, far, boxes });
    }
    return moves;
  };
  const compare = (now) => {
    const moves = movesOf(now);
    if (!moves.length) return;
    const impact = area(moves.flatMap(({ boxes }) => boxes)) / (innerWidth * innerHeight);
    const far = Math.max(...moves.map((move) => move.far)) / Math.max(innerWidth, innerHeight);
    const value = impact * Math.min(far, 1);
    score += value;
    // Names what moved, without what moved along with it.
    const every = new Set(moves.map(({ one }) => one));
    const isOuter = ({ one }) => {
      let at = one.parentElement;
      while (at && !every.has(at)) at = at.parentElement;
      return !at;
    };
    const outer = moves.filter(isOuter);
    const nodes = outer.map(({ one, boxes }) => ({ one, size: area(boxes) }));
    nodes.sort((a, b) => b.size - a.size);
    moved.push({ value, nodes: nodes.slice(0, 5).map(({ one }) => one) });
  };

  const look = () => {
    if (!isShown()) return;
    const began = performance.now();
    const now = take();
    if (!scrolled && began - input >= AFTER_INPUT) compare(now);
    before = now;
    scrolled = false;
    // A tenth of the time at most, however slow the machine.
    next = began + 10 * (performance.now() - began);
  };
  const frame = () => {
    if (ended) return;
    if (performance.now() >= next) look();
    later(frame);
  };

  const onInput = (event) => {
    if (event.isTrusted) input = performance.now();
  };
  const onScroll = () => {
    scrolled = true;
  };
  for (const name of INPUT) addEventListener(name, onInput, options);
  addEventListener("scroll", onScroll, options);
  later(frame);
  // After its first frame a newly started browser may take half a second until the next one.
  const painting = new PerformanceObserver(look);
  if (paints) painting.observe({ type: "paint", buffered: true });

  const end = () => {
    look();
    ended = true;
    painting.disconnect();
    for (const name of INPUT) removeEventListener(name, onInput, options);
    removeEventListener("scroll", onScroll, options);
    delete window[KEY];
    moved.sort((a, b) => b.value - a.value);
    return { score, moved: moved.flatMap(({ nodes }) => nodes) };
  };
  Object.defineProperty(window, KEY, { configurable: true, value: end });
}
