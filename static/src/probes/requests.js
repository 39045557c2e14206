/**
 * Probe: requests to our own host that filter lists block, each with a control of the same type and
 * depth that no list knows.
 */

import { page } from "../safe.js";

/** Longer than this is a slow network, not a block: blockers answer within 40 ms. */
const PATIENCE = 2000;

/**
 * Loads one bait or control and says whether its content proved itself.
 *
 * @param {number} type 0 script, 1 image, 2 fetch
 * @param {string} url
 * @param {{x: string, w: number}} proof what it is proved by; a script finds it in property `p`
 * @param {string} nonce
 * @returns {Promise<string | undefined>} a text that is not empty when it arrived, with what a
 *   fetched control adds to its proof; an empty one when it did not; none when nothing was heard
 */
export const load = (type, url, proof, nonce) =>
  new Promise((done) => {
    setTimeout(done, PATIENCE);
    if (type > 1) {
      // The address is new for each view, so no cache can answer it.
      fetch(url)
        .then((answer) => answer.text())
        .catch(() => "")
        .then((text) => done(text.startsWith(proof.x) ? text + "," : ""));
      return;
    }
    /** @type {any} */
    const element = page.createElement(type ? "img" : "script");
    element.p = proof;
    element.onload = element.onerror = () => {
      element.remove();
      done((type ? element.naturalWidth == proof.w : element.x == proof.x) ? "," : "");
    };
    element.src = url;
    element.nonce = nonce;
    if (!type) page.documentElement.append(element);
  });

/**
 * A server that refuses is not a block: 403 of a firewall, 404 of a front server. Asked without a
 * body, which our server does not take for the bait's arrival.
 *
 * @param {string} url
 */
const refused = (url) =>
  fetch(url, { method: "head" }).then(
    (answer) => answer.status > 399,
    () => false,
  );

/**
 * Looks with two baits; where one of them does not arrive, with its control too, and only where
 * that does not settle it with the other baits.
 *
 * @param {Control} control
 * @param {number[]} missing takes the numbers of those that do not arrive
 * @param {(path: string) => string} at resolves a path of ours
 * @param {string} nonce
 * @returns {Promise<number>} how many arrived
 */
export async function lookAtRequests(control, missing, at, nonce) {
  let proven = 0;
  for (const some of [control.b.slice(0, 2), control.b.slice(2)]) {
    /** @param {string} path */
    const url = (path) => at(path + control.t);
    const results = await Promise.all(
      some.map((bait) => load(bait[0], url(bait[2]), control, nonce)),
    );
    const arrivals = results.filter((result) => result).length;
    proven += arrivals;
    if (arrivals == some.length) break;
    const [arrived, ...fair] = await Promise.all([
      // Asked after the baits: the server tells which of them arrived, and those were not blocked.
      load(2, url(control.q), control, nonce),
      ...some.map(async (bait, i) => {
        if (results[i] != "") return;
        const no = refused(url(bait[2]));
        return (await load(bait[0], url(bait[3]), control, nonce)) && !(await no);
      }),
    ]);
    some.forEach((bait, i) => {
      if (fair[i] && !(arrived + "").includes("," + bait[1] + ",")) missing.push(bait[1]);
    });
    if (missing.length > 1) break;
  }
  return proven;
}
