// The notice, loaded only when there is something to say. Everything it needs comes as the property `x`
// of its own script element; nothing is left behind on the page.
import css from "./notice/notice.css";
import { start } from "./notice/flow.js";
import { me } from "./safe.js";

/** @type {{x?: import("./notice/types.js").Handoff} | undefined} */
const script = /** @type {any} */ (me);
const handoff = script?.x;

if (handoff)
  (handoff.payload || fetch(handoff.config, { credentials: "omit" }).then((reply) => reply.json()))
    .then((payload) => start(handoff, payload, css))
    // Without its texts there is no notice; the page is not told about it.
    .catch(() => {});
