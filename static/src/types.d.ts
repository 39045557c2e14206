// Shapes shared by the modules of the front end.

/** What a probe saw: nothing wrong, something acting, or no answer. */
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

/** What the tag's inline line queued: a request of the page's own that loaded or failed. */
type Seen = [type: string, target: any];

/** The first control's answer. A robot gets nothing but `v`. */
interface Control {
  /** the view id, sent back */
  v: string;
  /** the view's token, which every bait's URL ends in */
  t: string;
  /** the proof that scripts and fetched texts carry */
  x: string;
  /** the natural width that images have */
  w: number;
  /** baits: type (0 script, 1 image, 2 fetch), number, URL, URL of its control */
  b: [number, number, string, string][];
  /** URL of a fetched control, which tells the baits that arrived */
  q: string;
  /** element classes, the first one is the control's */
  e: string[];
  /** inline styles of the box around the elements and of each */
  i: [string, string];
  /** milliseconds between looks at them */
  l: number[];
  /** pattern of the hosts that ads come from */
  h: string;
  /** selectors of the places where the page wants its ads */
  s: string;
  /** mode of requests and addresses of ad hosts to ask, where the owner named some */
  u?: string[];
  /** URL of the report; absent where nothing is counted */
  r?: string;
  /** URL of the second script */
  a: string;
  /** URLs of the notice's script and texts and its storage key; absent when nothing is shown */
  n?: string;
  c?: string;
  k?: string;
  /** how it is shown, or with variants how each is */
  m?: Modes;
  y?: Variant[];
  /** from which blocked view, every which, whether once a session; absent where nothing is kept */
  f?: number[];
  /** whether a message is shown where ads do not arrive */
  o?: number;
  /** where the mode redirect leads */
  d?: string;
}

/** A mode of the notice for every kind, or one for each. */
type Modes = string | Record<string, string>;
type Variant = [name: string, weight: number, modes: Modes];

/** Whether a bundle of the notice has slots and blurring, and the owner's own templates. */
declare const PLUS: boolean;
declare const OWN: boolean;

/** Of browsers with Trusted Types. */
declare const trustedTypes: any;

/** What one look found: its verdict, and the numbers of the baits that did not arrive. */
type Look = [Verdict, number[]];

/**
 * What the first script hands to the second one, as property `p` of its script element: the
 * control's answer, whose `x` the second script proves itself with, and more.
 */
interface Findings extends Control {
  verdict: Verdict;
  queue: Seen[] & { notice?: boolean };
  at: (path: string) => string;
  report: (more: object) => void;
  fire: (type: string, detail?: unknown) => boolean;
  look: (control: Control) => Promise<Look>;
  ask: (more: string) => Promise<Control>;
  /** tells the verdict, once the second script has added what it knows; false when a younger look has begun */
  tell: () => boolean;
}

/** What the notice is given, as property `x` of its script element. */
interface Handoff {
  verdict: Verdict;
  config: string;
  payload?: Promise<any>;
  key: string;
  slots: string;
  thanks: boolean;
  recheck: () => Promise<Verdict>;
  say: (action: "shown" | "steps" | "recheck" | "allowed" | "dismissed" | "support", lang?: string) => void;
}
