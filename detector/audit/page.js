// Reads one page for an audit: its usable controls, what moved, and whether our tag is there.
// A function of its limits, so that Playwright and Selenium can call it alike; leaves no trace.
async ({ most, words, ours }) => {
  const CONTROLS =
    "button,input:not([type=hidden]),select,textarea,summary,[role=button],[role=tab]," +
    "[role=menuitem],[role=switch],[role=checkbox],[contenteditable=true]";
  const AD =
    "ins.adsbygoogle,[id^=google_ads],[id^=div-gpt-ad],[data-ad-client],[data-ad-slot]," +
    "[data-google-query-id],amp-ad";
  const BLOCKS = "button,input,select,textarea,form,main,h1";
  const said = (text) => (text || "").replace(/\s+/g, " ").trim().slice(0, words);
  const attribute = (one, name) => one.getAttribute(name) || "";

  // The site of a host: its last two labels, or three where the last are as in `co.uk`.
  const siteOf = (host) => {
    if (/^[\d.]+$|:/.test(host)) return host;
    const labels = host.split(".");
    const [top, second] = [labels.at(-1) || "", labels.at(-2) || ""];
    return labels.slice(top.length == 2 && second.length <= 3 ? -3 : -2).join(".");
  };
  const here = siteOf(location.hostname);
  const isForeign = (url) => {
    try {
      const { protocol, hostname } = new URL(url, location.href);
      return /^http/.test(protocol) && siteOf(hostname) != here;
    } catch {
      return false;
    }
  };

  const hosts = ours ? [...document.querySelectorAll("*")].filter((one) => one.shadowRoot) : [];
  const notices = hosts.filter((one) => one.shadowRoot.querySelector(".card"));
  const walled = notices.some((one) => one.shadowRoot.querySelector("dialog:modal"));

  const up = (one) => one.parentNode || one.host;
  const within = (one, box) => {
    for (let at = one; at; at = up(at)) if (at == box) return true;
    return false;
  };

  // A selector that matches only this element, as short as a nearby id allows.
  const selector = (one) => {
    const root = one.getRootNode();
    const parts = [];
    for (let at = one; at; at = at.parentElement) {
      const id = attribute(at, "id");
      const name = "#" + CSS.escape(id);
      if (id && root.querySelectorAll(name).length == 1) {
        parts.unshift(name);
        break;
      }
      const same = [...(at.parentElement?.children || [])].filter((x) => x.localName == at.localName);
      const nth = same.length > 1 ? `:nth-of-type(${same.indexOf(at) + 1})` : "";
      parts.unshift(CSS.escape(at.localName) + nth);
    }
    return (root.host ? selector(root.host) + " >> " : "") + parts.join(" > ");
  };
  const brief = (one) =>
    one.localName +
    (attribute(one, "id") ? "#" + attribute(one, "id") : "") +
    [...one.classList].slice(0, 2).map((name) => "." + name).join("");

  const nameOf = (one) => {
    const root = one.getRootNode();
    const by = attribute(one, "aria-labelledby").split(" ").filter(Boolean);
    const typed = /^(submit|button|reset)$/.test(one.type) ? one.value : "";
    return (
      said(attribute(one, "aria-label")) ||
      said(by.map((id) => root.querySelector("#" + CSS.escape(id))?.textContent).join(" ")) ||
      said(one.labels?.[0]?.textContent) ||
      (/^(input|select|textarea)$/.test(one.localName) ? "" : said(one.textContent)) ||
      said(typed) ||
      said(one.querySelector("img[alt]")?.alt) ||
      said(attribute(one, "alt") || attribute(one, "title")) ||
      said(attribute(one, "placeholder") || attribute(one, "name"))
    );
  };

  // The places of ads: elements with an ad or another site's frame, and the elements around them as
  // long as those have hardly any text and nothing to click that a page needs.
  const framed = [...document.querySelectorAll("iframe[src]")].filter((one) => isForeign(one.src));
  const places = [...document.querySelectorAll(AD), ...framed].map((one) => {
    let place = one;
    for (;;) {
      const box = place.parentElement;
      if (!box || box == document.body || box.matches(BLOCKS) || box.querySelector(BLOCKS)) break;
      if (box.textContent.trim().length > words) break;
      place = box;
    }
    return place;
  });
  const isAd = (one) =>
    (one.localName == "a" && isForeign(one.href)) || places.some((place) => within(one, place));

  const deepest = (x, y) => {
    let hit = document.elementFromPoint(x, y);
    while (hit?.shadowRoot && !notices.includes(hit)) {
      const inner = hit.shadowRoot.elementFromPoint(x, y);
      if (!inner || inner == hit) break;
      hit = inner;
    }
    return hit;
  };
  const box = (one) => {
    for (const each of [one, ...one.querySelectorAll("*")])
      for (const rect of each.getClientRects()) if (rect.width > 1 && rect.height > 1) return rect;
  };
  const isShown = (one) => {
    // A checkbox is often made invisible below a picture of it.
    const checkOpacity = !/^(checkbox|radio|file)$/.test(one.type);
    const how = { visibilityProperty: true, checkVisibilityCSS: true };
    return one.checkVisibility({ ...how, checkOpacity, opacityProperty: checkOpacity });
  };
  const stateOf = (one) => {
    if (!isShown(one) || !box(one)) return ["hidden", ""];
    if (one.matches(":disabled") || attribute(one, "aria-disabled") == "true") return ["disabled", ""];
    if (walled) return ["usable", "the notice"];
    const first = box(one);
    if (first.top < 0 || first.left < 0 || first.bottom > innerHeight || first.right > innerWidth)
      one.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const { left, top, width, height } = box(one);
    let cover = null;
    // If one of three points is free, it can still be clicked.
    for (const [x, y] of [[0.5, 0.5], [0.2, 0.5], [0.8, 0.5]]) {
      const hit = deepest(left + width * x, top + height * y);
      if (hit && (within(hit, one) || hit.closest?.("label")?.control == one)) return ["usable", ""];
      // Controls that our own notice covers are the owner's choice.
      if (notices.includes(hit)) return ["usable", "the notice"];
      cover = cover || hit;
    }
    return cover ? ["covered", brief(cover)] : ["hidden", ""];
  };

  // Classes and ids of what hides an element: the outermost that is not displayed, or itself.
  const namesOf = (one) => {
    let hidden = one;
    for (let at = one; at; at = up(at))
      if (at.nodeType == 1 && getComputedStyle(at).display == "none") hidden = at;
    const id = attribute(hidden, "id");
    return [...(id ? ["#" + id] : []), ...[...hidden.classList].map((name) => "." + name)].slice(0, 20);
  };

  const found = [];
  const collect = (root, wanted) => {
    for (const one of root.querySelectorAll(wanted)) {
      if (found.length >= most) return;
      found.push(one);
    }
    if (root == document && found.length >= most) return;
    for (const host of root.querySelectorAll("*"))
      if (host.shadowRoot && !notices.includes(host)) collect(host.shadowRoot, wanted);
  };
  collect(document, CONTROLS);
  collect(document, "a[href]");

  // Before anything is scrolled.
  let shift = 0;
  let shifted = [];
  let measure = "";
  const own = window[Symbol.for("detector.shift")];
  if (PerformanceObserver.supportedEntryTypes?.includes("layout-shift")) {
    const seen = [];
    const observer = new PerformanceObserver((list) => seen.push(...list.getEntries()));
    observer.observe({ type: "layout-shift", buffered: true });
    await new Promise((done) => setTimeout(done, 30));
    seen.push(...observer.takeRecords());
    observer.disconnect();
    const counted = seen.filter((one) => !one.hadRecentInput).sort((a, b) => b.value - a.value);
    shift = counted.reduce((sum, one) => sum + one.value, 0);
    const moved = counted.flatMap((one) => one.sources.map((source) => source.node));
    shifted = moved.filter((one) => one?.nodeType == 1 && one.isConnected).map(selector);
    measure = "browser";
  } else if (own) {
    const { score, moved } = own();
    shift = score;
    shifted = moved.filter((one) => one.isConnected).map(selector);
    measure = "own";
  }

  const [left, top] = [scrollX, scrollY];
  const controls = found.map((one) => {
    const [state, by] = stateOf(one);
    const name = nameOf(one);
    const to = one.localName == "a" ? one.pathname || "" : "";
    const own = ["type", "id", "name"].map((key) => attribute(one, key));
    const key = [one.localName, ...own, name, to].join("|");
    const names = state == "hidden" ? namesOf(one) : [];
    return { selector: selector(one), name, state, by, key, ad: isAd(one), names };
  });
  scrollTo({ left, top, behavior: "instant" });

  const links = [...document.links]
    .filter((one) => /^https?:$/.test(one.protocol) && one.host == location.host)
    .map((one) => one.href.split("#")[0]);
  const names = new Set();
  for (const one of document.querySelectorAll("body, body *")) {
    if (names.size > 5000) break;
    if (attribute(one, "id")) names.add("#" + attribute(one, "id"));
    for (const name of one.classList) names.add("." + name);
  }
  return {
    title: document.title,
    names: [...names],
    asksPassword: !!document.querySelector("input[type=password]"),
    shift,
    measure,
    shifted: [...new Set(shifted)].slice(0, 5),
    controls,
    links: [...new Set(links)].slice(0, 500),
  };
}
