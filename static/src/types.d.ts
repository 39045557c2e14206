// Shapes shared by the modules of the front end.

/** What something saw: nothing wrong, something acting, or no answer. */
type Signal = "clear" | "blocked" | "unknown";
type State = "blocked" | "unreachable" | "clear" | "unknown";

/** One verdict on a page view; `ms` is milliseconds from the script's start. */
interface Verdict {
  state: State;
  kind: "extension" | "browser" | "network" | null;
  signals: Record<string, Signal>;
  ms: number;
  revised?: boolean;
}

/** The first control's answer. A robot gets nothing but `v`. */
interface Control {
  /** the view id, sent back */
  v: string;
  /** the view's token */
  t: string;
  /** the proof that scripts and fetched texts carry */
  x: string;
  /** the natural width that images have */
  w: number;
  /** baits: type (0 script, 1 image, 2 fetch), number, URL, URL of its control */
  b: [number, number, string, string][];
  /** element classes, the last one is the control's */
  e: string[];
  /** URL of the report */
  r: string;
  /** URLs of the notice's script and texts and its storage key; absent when nothing is shown */
  n?: string;
  c?: string;
  k?: string;
}

/** What the script hands to notice.js, as property `x` of its script element. */
interface Handoff {
  verdict: Verdict;
  config: string;
  key: string;
  thanks: boolean;
  recheck: () => Promise<Verdict>;
  say: (action: "shown" | "steps" | "recheck" | "allowed" | "dismissed" | "support") => void;
}
