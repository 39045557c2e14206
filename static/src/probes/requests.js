/**
 * Probe: requests to our own host that filter lists block, each with a control of the same type and
 * depth that no list knows.
 */

import { FETCH } from "../bootstrap.js";
import { me } from "../own_script.js";
import { page } from "../page.js";

/** Longer than this is a slow network, not a block: blockers answer within 40 ms. */
const PATIENCE = 2000;

/** More than there are baits: so much is taken from what arrived, where a device answers. */
const DEVICE = 9;

/**
 * Loads one bait or control and says whether its content proved itself.
 *
 * @param {BaitType} type
 * @param {string} url
 * @param {Pick<Bootstrap, "_proof" | "_imageWidth">} expected what it is proved by; the second script
 *   finds it, with all else that was found, on its element
 * @returns {Promise<string | undefined>} a text that is not empty when it arrived, with what a
 *   fetched control adds to its proof; an empty one when it did not; none when nothing was heard
 */
export const load = (type, url, expected) =>
  new Promise((done) => {
    setTimeout(done, PATIENCE);
    if (type == FETCH) {
      // The address is new for each view, so no cache can answer it.
      fetch(url)
        .then((answer) => answer.text())
        .catch(() => "")
        .then((text) => done(text.startsWith(expected._proof) ? text + "," : ""));
    } else {
      // An image, or else SCRIPT, which is 0.
      /** @type {any} */
      const element = page.createElement(type ? "img" : "script");
      element._findings = expected;
      element.onload = element.onerror = () => {
        element.remove();
        done(
          (type
            ? element.naturalWidth == expected._imageWidth
            : element._proof == expected._proof)
            ? ","
            : "",
        );
      };
      element.src = url;
      element.nonce = /** @type {any} */ (me).nonce;
      type || page.documentElement.append(element);
    }
  });

/**
 * Looks with two baits; where one of them does not arrive, with its control too, and only where
 * that does not settle it with the other baits.
 *
 * @param {Bootstrap} bootstrap
 * @param {number[]} missing takes the numbers of those that do not arrive
 * @param {(path: string) => string} at resolves a path of ours
 * @returns {Promise<number>} how many arrived; below 0 when a device answered one of them
 */
export async function lookAtRequests(bootstrap, missing, at) {
  let proven = 0;
  for (const some of [bootstrap._baits.slice(0, 2), bootstrap._baits.slice(2)]) {
    /** @param {string} path */
    const url = (path) => at(path + bootstrap._token);
    const results = await Promise.all(
      some.map(([type, , path]) => load(type, url(path), bootstrap)),
    );
    proven += results.filter((result) => result).length;
    if (results.every((result) => result)) break;
    // Asked after the baits: the server tells which of them arrived, and those were not blocked.
    const arrived = load(FETCH, url(bootstrap._arrivalsUrl), bootstrap);
    await Promise.all(
      some.map(async ([type, number, path, control], i) => {
        if (results[i] != "") return;
        // Whatever answers without our proof is a device on the way, not a blocker: a page, a redirect, a
        // refusal. Without a body, which our server does not take for the bait's arrival; a redirect
        // to another host that is followed would look as if nobody had answered.
        const ours = fetch(url(path), { method: "head", redirect: "manual" }).then(
          (answer) => `${[...answer.headers]}`.includes(bootstrap._proof),
          () => true,
        );
        if (!(await load(type, url(control), bootstrap))) return;
        if (!(await ours)) proven -= DEVICE;
        else if (!`${await arrived}`.includes(`,${number},`)) missing.push(number);
      }),
    );
    if (missing.length > 1) break;
  }
  return proven;
}
