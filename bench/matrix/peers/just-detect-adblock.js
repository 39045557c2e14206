import { detectAnyAdblocker } from "just-detect-adblock";
import { tell, whenReady } from "./tell.js";

whenReady(() => detectAnyAdblocker().then(tell));
