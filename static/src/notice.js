// The notice, loaded only when there is something to say. Everything it needs comes as the property `x`
// of its own script element; nothing is left behind on the page.
import css from "./notice.css";
import { start } from "./notice/flow.js";

/** @type {{x?: import("./notice/types.js").Handoff} | null} */
const script = /** @type {any} */ (document.currentScript);
const handoff = script && script.x;

if (handoff)
  (handoff.payload || fetch(handoff.config, { credentials: "omit" }).then((reply) => reply.json()))
    .then((payload) => start(handoff, payload, css))
    // Without its texts there is no notice; the page is not told about it.
    .catch(() => {});
