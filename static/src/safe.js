/**
 * Reads what a page's content cannot shadow. A name or id in it ("DOM clobbering") hides
 * properties of `document`, and those of a form; properties of prototypes it cannot reach.
 * https://html.spec.whatwg.org/multipage/dom.html#dom-document-nameditem
 */

/**
 * An object as its interface defines it; to be read only.
 *
 * @template {object} T
 * @param {T} object
 * @param {{prototype: T}} type
 * @returns {T}
 */
export const plain = (object, type) =>
  new Proxy(type.prototype, {
    get(prototype, name) {
      const value = Reflect.get(prototype, name, object);
      return value instanceof Function ? value.bind(object) : value;
    },
  });

export const page = plain(document, Document);

/** The script's own address. Never resolved against the page's base, which may be a foreign one. @type {URL} */
export let src;
/** The running script; absent where it is none of HTML, or not of the page's own origin. @type {HTMLScriptElement | undefined} */
export let me;
try {
  const script = /** @type {HTMLScriptElement} */ (page.currentScript);
  src = new URL(/** @type {string} */ (script.getAttribute("src")), location.href);
  if (script instanceof HTMLScriptElement && src.origin == location.origin) me = script;
} catch {}

/** Resolves a path of ours; one that leaves our folder becomes the folder, which has no file. @param {string} path */
export const inside = (path) => {
  const folder = new URL(".", src).href;
  const url = new URL(path, src).href;
  return url.startsWith(folder) ? url : folder;
};
