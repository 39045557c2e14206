/**
 * Reads what a page's content cannot shadow. A name or id in it ("DOM clobbering") hides
 * properties of `document`, and those of a form; properties of prototypes it cannot reach.
 * https://html.spec.whatwg.org/multipage/dom.html#dom-document-nameditem
 */

/** Reads an object's properties as its interface defines them. @param {object} object @returns {ProxyHandler<any>} */
const reading = (object) => ({
  get(prototype, name) {
    const value = Reflect.get(prototype, name, object);
    return value?.bind?.(object) ?? value;
  },
});

/**
 * An object as its interface defines it; to be read only.
 *
 * @template {object} T
 * @param {T} object
 * @param {{prototype: T}} type
 * @returns {T}
 */
export const plain = (object, type) => new Proxy(type.prototype, reading(object));

export const page = /** @type {Document} */ (new Proxy(Document.prototype, reading(document)));
