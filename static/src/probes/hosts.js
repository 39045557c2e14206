/**
 * Probe, only where the owner named addresses for it: asks ad hosts for a file, on pages that have no
 * ad requests of their own to look at.
 */

const PATIENCE = 2000;

/**
 * Always GET, since some hosts refuse HEAD; without cookies, and the answer is not read.
 *
 * @param {string} url
 * @param {any} mode without which a foreign answer is kept from us
 * @returns {Promise<"load" | "error" | undefined>} nothing when there is no answer in time, or when it is the
 *   page's own policy that refuses
 */
function ask(url, mode) {
  return new Promise((/** @type {(seen?: any) => void} */ done) => {
    setTimeout(done, PATIENCE);
    addEventListener("securitypolicyviolation", ({ blockedURI }) => {
      if (blockedURI && url.startsWith(blockedURI)) done();
    });
    fetch(url, { mode, credentials: "omit", referrerPolicy: "no-referrer" }).then(
      () => done("load"),
      // Told in a task of its own, the policy's refusal may come after the failure.
      () => setTimeout(done, 50, "error"),
    );
  });
}

/**
 * @param {string[]} asked the mode of the requests, which blockers search scripts for, and addresses
 * @param {Pick<Findings, "_verdict" | "_queued" | "_adHosts" | "_lookAtAds">} found its verdict is changed where no ad host
 *   answers
 */
export async function lookAtHosts([mode, ...urls], { _verdict: verdict, _queued: queue, _adHosts, _lookAtAds }) {
  if (verdict.signals.ads != "unknown") return;
  await Promise.all(
    urls.map(async (url) => {
      const type = await ask(url, mode);
      if (type) queue.push([type, { src: url }]);
    }),
  );
  const ads = _lookAtAds(queue, _adHosts);
  verdict.signals.ads = ads || "unknown";
  if (ads == "blocked") verdict.state = "unreachable";
  if (!ads) verdict.state = "unknown";
}
