import { useDetectAdBlock } from "adblock-detect-react";
import { createElement, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { tell, whenReady } from "./tell.js";

// It says "not blocked" until its request fails, so "false" is known only after a while.
const PATIENCE = 1500;

function Asked() {
  const found = useDetectAdBlock();
  useEffect(() => {
    if (found) tell(true);
    else {
      const timer = setTimeout(tell, PATIENCE, false);
      return () => clearTimeout(timer);
    }
  }, [found]);
  return null;
}

whenReady(() => createRoot(document.createElement("div")).render(createElement(Asked)));
