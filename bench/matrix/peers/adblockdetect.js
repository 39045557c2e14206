import detect from "adblockdetect";
import { tell, whenReady } from "./tell.js";

whenReady(() => tell(detect.detected()));
