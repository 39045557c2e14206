import { createElement } from "react";
import { hydrateRoot } from "react-dom/client";
import { Paper } from "./paper.js";

const start = () => hydrateRoot(document, createElement(Paper));
document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
