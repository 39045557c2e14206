/**
 * The document as its interface defines it, for scripts that read no element which content can
 * shadow: only the root element and the running script. Others need safe.js, since a form's content
 * may be named "bind".
 */
export const page = /** @type {Document} */ (
  new Proxy(Document.prototype, {
    get(prototype, name) {
      const value = Reflect.get(prototype, name, document);
      return value?.bind?.(document) ?? value;
    },
  })
);
