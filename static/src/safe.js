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
