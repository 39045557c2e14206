// The notice, loaded only when there is something to say. Everything it needs comes as a property of
// its own script element; nothing is left behind on the page.
import css from "./notice/notice.css";
import { start } from "./notice/flow.js";
import { page } from "./safe.js";

/** @type {{_handoff?: import("./notice/types.js").Handoff} | undefined} */
const script = /** @type {any} */ (page.currentScript);
const handoff = script?._handoff;

// Without its texts there is no notice, and no error on the page.
handoff?.payload.then((payload) => (payload.src ? handoff.load(payload.src, handoff) : start(handoff, payload, css))).catch(() => {});
