// A whole document as a React component: made on the server, taken over in the browser.
import { createElement as h, useEffect, useState } from "react";

export function Paper() {
  const [count, setCount] = useState(0);
  useEffect(() => void (document.title = "React: taken over"), []);
  return h(
    "html",
    { lang: "en" },
    h(
      "head",
      null,
      h("meta", { charSet: "utf-8" }),
      h("title", null, "React"),
      h("link", { rel: "icon", href: "data:," }),
      h("script", { async: true, src: "https://securepubads.g.doubleclick.net/tag/js/gpt.js" }),
    ),
    h(
      "body",
      null,
      h("h1", null, "The whole document is React's"),
      h("button", { onClick: () => setCount(count + 1) }, String(count)),
      h("script", { async: true, src: "/files/react.js" }),
    ),
  );
}
