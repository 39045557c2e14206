// Stands in for AdSense: takes over the page's queue and fills one ins.adsbygoogle for each push.
(() => {
  const waiting = Array.isArray(window.adsbygoogle) ? window.adsbygoogle : [];
  let count = 0;

  const fill = (options = {}) => {
    const slot = document.querySelector("ins.adsbygoogle:not([data-adsbygoogle-status])");
    if (!slot) throw new Error("adsbygoogle.push() error: every slot of this page has its ad");
    const width = parseInt(slot.style.width, 10) || slot.parentElement.clientWidth || 300;
    const height = parseInt(slot.style.height, 10) || 250;
    const number = count++;
    slot.dataset.adsbygoogleStatus = "done";
    const host = document.createElement("div");
    host.id = `aswift_${number}_host`;
    const frame = document.createElement("iframe");
    frame.id = `aswift_${number}`;
    frame.width = String(width);
    frame.height = String(height);
    frame.style.cssText = "border:0;display:block;max-width:100%";
    frame.src = "https://googleads.g.doubleclick.net/pagead/ads?client=" +
      encodeURIComponent(slot.dataset.adClient || options.google_ad_client || "ca-pub-0") +
      `&format=${width}x${height}&ifi=${number}`;
    frame.addEventListener("load", () => { slot.dataset.adStatus = "filled"; });
    slot.style.display = slot.style.display || "block";
    host.append(frame);
    slot.append(host);
  };

  window.adsbygoogle = { loaded: true, push: fill };
  window.google_persistent_state_async = {};
  window.google_global_correlator = Math.floor(Math.random() * 1e15);
  const start = () => waiting.splice(0).forEach((options) => {
    try {
      fill(options);
    } catch (error) {
      setTimeout(() => { throw error; });
    }
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
