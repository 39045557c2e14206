/**
 * Probe: requests to our own host that filter lists block, each with a control of the same type and
 * depth that no list knows.
 */

/** Longer than this is a slow network, not a block: blockers answer within 40 ms. */
const PATIENCE = 2000;

const NOTHING = 0;
const PROVEN = 1;
const MISSING = 2;

/**
 * Loads one bait or control and says whether its content proved itself.
 *
 * @param {number} type 0 script, 1 image, 2 fetch
 * @param {string} url
 * @param {{x: string, w: number}} proof what it is proved by; a script finds it in property `p`
 * @param {string} nonce
 * @param {(text: string) => void} [heard] takes what a fetched control adds to its proof
 * @returns {Promise<number>}
 */
export function load(type, url, proof, nonce, heard) {
  return new Promise((done) => {
    setTimeout(done, PATIENCE, NOTHING);
    /** @param {unknown} ok */
    const end = (ok) => done(ok ? PROVEN : MISSING);
    if (type > 1) {
      fetch(url, { cache: "no-store" })
        .then((answer) => answer.text())
        .then(
          (text) => {
            const [first, ...rest] = text.split(",");
            if (heard) heard("," + rest + ",");
            end(first == proof.x);
          },
          () => end(0),
        );
      return;
    }
    /** @type {any} */
    const element = document.createElement(type ? "img" : "script");
    element.p = proof;
    element.onload = element.onerror = () => {
      element.remove();
      end(type ? element.naturalWidth == proof.w : element.x == proof.x);
    };
    if (!type) {
      element.nonce = nonce;
      document.head.append(element);
    }
    element.src = url;
  });
}

/**
 * A server that refuses is not a block: 403 of a firewall, 404 of a front server.
 *
 * @param {string} url
 */
function refused(url) {
  return performance
    .getEntriesByName(url)
    .some((entry) => /** @type {any} */ (entry).responseStatus > 399);
}

/**
 * Looks with two baits, and with the others and every control when one of them does not arrive.
 *
 * @param {Control} control
 * @param {(path: string) => string} at resolves a path of ours
 * @param {string} nonce
 * @returns {Promise<[number, number[]]>} how many arrived, and the numbers of those that did not
 */
export async function lookAtRequests(control, at, nonce) {
  const baits = control.b;
  /** @param {unknown} path */
  const url = (path) => at(path + control.t);
  /** @param {Control["b"]} some @param {number} which 2 the baits, 3 their controls */
  const loadAll = (some, which) =>
    Promise.all(
      some.map((bait) => load(bait[0], url(bait[which]), control, nonce)),
    );
  let results = await loadAll(baits.slice(0, 2), 2);
  let missing = /** @type {number[]} */ ([]);
  if (results.some((result) => result != PROVEN)) {
    const asked = loadAll(baits, 3);
    results = results.concat(await loadAll(baits.slice(2), 2));
    // Asked last: the server tells which baits arrived, and those were not blocked.
    let arrived = "";
    await load(2, url(control.q), control, nonce, (text) => (arrived = text));
    const controls = await asked;
    missing = baits
      .filter(
        (bait, i) =>
          results[i] == MISSING &&
          controls[i] == PROVEN &&
          !arrived.includes("," + bait[1] + ",") &&
          !refused(url(bait[2])),
      )
      .map((bait) => bait[1]);
  }
  return [results.filter((result) => result == PROVEN).length, missing];
}
