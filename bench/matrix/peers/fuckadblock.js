// Looks by itself once the page has loaded; asked again here, since the load may be over.
import "fuckadblock";
import { tell } from "./tell.js";

window.fuckAdBlock.onDetected(() => tell(true));
window.fuckAdBlock.onNotDetected(() => tell(false));
if (document.readyState === "complete") window.fuckAdBlock.check();
