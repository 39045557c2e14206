import adblockDetect from "adblock-detect";
import { tell, whenReady } from "./tell.js";

whenReady(() => adblockDetect(tell));
