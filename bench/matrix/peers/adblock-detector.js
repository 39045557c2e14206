import { AdblockDetector } from "adblock-detector";
import { tell, whenReady } from "./tell.js";

// Its README asks at once; a quarter of a second is given so that a style sheet can act.
whenReady(() => {
  const detector = new AdblockDetector();
  setTimeout(() => tell(detector.detect()), 250);
});
