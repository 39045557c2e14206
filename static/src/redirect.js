// Leads to a page of the owner's in place of a notice; the notice loads it where the mode is redirect.
import { page } from "./safe.js";

/** @type {{_handoff?: {payload: Promise<{to: string}>, say: (action: "shown") => void}} | undefined} */
const script = /** @type {any} */ (page.currentScript);
const handoff = script?._handoff;

handoff?.payload.then(({ to }) => {
  const { href } = new URL(to, location.href);
  // The page that it leads to may carry the tag too.
  if (!location.href.startsWith(href)) handoff.say("shown"), location.assign(href);
});
