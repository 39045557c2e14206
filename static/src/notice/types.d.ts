/** What the first script found out about this page view. */
export type Verdict = {
  state: "blocked" | "clear" | "unreachable" | "unknown";
  kind: string | null;
  signals: object;
  ms: number;
};

export type Action = "shown" | "steps" | "recheck" | "allowed" | "dismissed" | "support";

/** What the first script hands over as the property `x` of our own script element. */
export type Handoff = {
  verdict: Verdict;
  /** Absolute, same-origin URL, without a query, of the JSON that `detector.notice.payload` makes. */
  config: string;
  /** Storage key of this site. */
  key: string;
  /** The page was reloaded after "I have allowed ads" and ads arrive: only say thank you. */
  thanks: boolean;
  recheck: () => Promise<Verdict>;
  say: (action: Action) => void;
};

/** How to allow ads in one blocker or browser; `own` marks a browser's own switch, `lang` a guide that is
 * not in the notice's language. */
export type Guide = { name: string; steps: string[]; own?: boolean; lang?: string };

export type Text = {
  title: string;
  body: string;
  how: string;
  done: string;
  later: string;
  close: string;
  seen: string;
  seen_browser: string;
  then: string;
  more: string;
  looking: string;
  still: string;
  unsure: string;
  again: string;
  reload: string;
  thanks: string;
  /** For how long nobody is asked after "Not now": at first, and from the third time on. */
  quiet: string[];
};

export type Payload = {
  mode: string;
  lang: string;
  dir: string;
  text: Text;
  guides: Guide[];
  /** How many of the guides fit this browser and are shown at once. */
  near: number;
};

/** What this site keeps in the browser: one string, written only after the visitor did something. */
export type Entry = { quietUntil: number; dismissals: number; waiting: boolean };
