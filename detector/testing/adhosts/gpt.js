// Stands in for Google Publisher Tag: runs the page's command queue and fills defined slots.
(() => {
  const tag = (window.googletag = window.googletag || {});
  const queue = tag.cmd || [];
  const slots = new Map();
  const listeners = new Map();
  let enabled = false;
  const asked = new Set();

  const tell = (name, event) => (listeners.get(name) || []).forEach((listen) => listen(event));
  const isFluid = (size) => !Array.isArray(size);
  const pair = (size) => (isFluid(size) ? [300, 250] : Array.isArray(size[0]) ? size[0] : size);

  const render = (slot) => {
    const place = document.getElementById(slot.id);
    if (!place) return;
    const [width, height] = pair(slot.size);
    const name = `google_ads_iframe_${slot.path}_0`;
    const holder = document.createElement("div");
    holder.id = `${name}__container__`;
    const frame = document.createElement("iframe");
    frame.id = frame.name = name;
    frame.width = String(width);
    frame.height = String(height);
    frame.style.cssText = "border:0;vertical-align:bottom";
    frame.src = "https://0a1b2c3d.safeframe.googlesyndication.com/safeframe/1-0-40/html/" +
      `container.html?format=${width}x${height}`;
    const event = { slot, isEmpty: false, size: [width, height], serviceName: "publisher_ads" };
    tell("slotRequested", event);
    tell("slotResponseReceived", event);
    frame.addEventListener("load", () => tell("slotOnload", event));
    holder.append(frame);
    place.replaceChildren(holder);
    place.dataset.googleQueryId = `test-${slots.size}`;
    tell("slotRenderEnded", event);
  };

  const pubads = {
    addEventListener(name, listen) {
      listeners.set(name, [...(listeners.get(name) || []), listen]);
      return pubads;
    },
    getSlots: () => [...slots.values()],
    refresh: (some) => (some || [...slots.values()]).forEach(render),
    getTargeting: () => [],
    getVersion: () => "2026000000",
  };
  for (const name of ["collapseEmptyDivs", "enableSingleRequest", "enableLazyLoad",
    "disableInitialLoad", "setTargeting", "clearTargeting", "setPrivacySettings",
    "setCentering", "setRequestNonPersonalizedAds", "set", "enableAsyncRendering"]) {
    pubads[name] = () => pubads;
  }

  const makeSlot = (path, size, id) => {
    const slot = { path, size, id, addService: () => slot, setTargeting: () => slot,
      defineSizeMapping: () => slot, setCollapseEmptyDiv: () => slot, setConfig: () => slot,
      getSlotElementId: () => id, getAdUnitPath: () => path, getTargeting: () => [],
      getResponseInformation: () => ({ advertiserId: 1, campaignId: 1, creativeId: 1 }) };
    slots.set(id, slot);
    return slot;
  };
  const sizeMapping = () => {
    const builder = { addSize: () => builder, build: () => [] };
    return builder;
  };

  Object.assign(tag, {
    apiReady: true,
    pubadsReady: true,
    pubads: () => pubads,
    defineSlot: (path, size, id) => makeSlot(path, size, id),
    defineOutOfPageSlot: (path, id) => makeSlot(path, [1, 1], String(id)),
    sizeMapping,
    setConfig: () => {},
    setAdIframeTitle: () => {},
    destroySlots: (some) => (some || [...slots.values()]).forEach((slot) => {
      document.getElementById(slot.id)?.replaceChildren();
      slots.delete(slot.id);
    }),
    getVersion: () => "2026000000",
    enableServices() {
      enabled = true;
      [...asked].forEach((id) => tag.display(id));
    },
    display(target) {
      const id = typeof target === "string" ? target : target.id || target.getSlotElementId();
      const slot = slots.get(id);
      if (!enabled || !slot) return void asked.add(id);
      asked.delete(id);
      render(slot);
    },
  });
  const run = (command) => {
    try {
      command.call(window);
    } catch (error) {
      setTimeout(() => { throw error; });
    }
    return 1;
  };
  tag.cmd = { push: (...commands) => commands.forEach(run) };
  [...queue].forEach(run);
})();
