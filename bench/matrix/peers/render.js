import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { Paper } from "./paper.js";

process.stdout.write("<!DOCTYPE html>" + renderToString(createElement(Paper)));
