// Looks by itself once the page has loaded; asked again here, since the load may be over.
import "blockadblock";
import { tell } from "./tell.js";

window.blockAdBlock.onDetected(() => tell(true));
window.blockAdBlock.onNotDetected(() => tell(false));
if (document.readyState === "complete") window.blockAdBlock.check();
