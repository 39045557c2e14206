// Shapes shared by the modules of the front end.

/** What a probe saw: nothing wrong, something acting, or no answer. */
type Signal = "clear" | "blocked" | "unknown";
type State = "blocked" | "unreachable" | "clear" | "unknown" | "partial";

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

/** Types of bait requests: script, image, fetch; bootstrap.js names them. */
type BaitType =
  | typeof import("./bootstrap.js").SCRIPT
  | typeof import("./bootstrap.js").IMAGE
  | typeof import("./bootstrap.js").FETCH;

/** A bait and the control beside it, by their URLs without the token. */
type Bait = [type: BaitType, number: number, url: string, control: string];

/** The answer of the bootstrap. A robot gets nothing but the view. */
interface Bootstrap {
  /** the view id, sent back */
  _view: string;
  /** the view's token, which every bait's URL ends in */
  _token: string;
  /** the proof that scripts and fetched texts carry */
  _proof: string;
  /** the natural width of images, which proves them */
  _imageWidth: number;
  _baits: Bait[];
  /** URL of a fetched control, which tells the baits that arrived */
  _arrivalsUrl: string;
  /** element classes, the first one is the control's */
  _classes: string[];
  /** inline styles of the box around the elements and of each */
  _styles: [string, string];
  /** milliseconds between looks at them */
  _pauses: number[];
  /** pattern of the hosts that ads come from */
  _adHosts: string;
  /** selectors of the places where the page wants its ads */
  _slots: string;
  /** mode of requests and addresses of ad hosts to ask, where the owner named some */
  _hostRequests?: string[];
  /** absent where nothing is counted */
  _reportUrl?: string;
  _followupUrl: string;
  /** URLs of the notice's script and texts; absent when nothing is shown */
  _noticeUrl?: string;
  _textsUrl?: string;
  /**
   * its storage key: on pages that are counted also where nothing is shown, for what waits to be told;
   * else absent in the same case, and nothing is kept under "undefined"
   */
  _storageKey: string;
  /** how it is shown, or with variants how each is */
  _modes?: Modes;
  _variants?: Variant[];
  /** from which blocked view, every which, whether once a session; absent where nothing is kept */
  _frequency?: number[];
  /** whether a message is shown where ads do not arrive */
  _unreachableNotice?: number;
  /** whether visitors whose ads arrive are asked too, and whether only pages with an ad ask */
  _askPartial?: number;
  _askWhere?: number;
}

/** A verdict, or something done with the notice; detector/core/reports/parser.py has the values. */
interface Report {
  _viewToken: string;
  _pageToken: string | undefined;
  _state: State;
  _kind: string | null;
  _action?: string;
  /** numbers of the baits that did not arrive */
  _failed?: number[];
  /** the signal of the bait elements */
  _elements?: Signal;
  _mode?: string;
  _variant?: string;
  _locale?: string;
  /** the mark that is kept once ads were allowed, see memory.js */
  _recovered?: string;
  /** the session's entry, of a view that is clear, see memory.js */
  _session?: string;
  /** the signals that said blocked, of a view whose visitor blocks no ads */
  _signals?: string;
}

/** A mode of the notice for every kind, or one for each. */
type Modes = string | Record<string, string>;
/** `rules` where it has its own, like `_frequency`. */
type Variant = [name: string, weight: number, modes: Modes, rules?: number[]];

/** Whether a bundle of the notice has slots and blurring, and the owner's own templates. */
declare const PLUS: boolean;
declare const OWN: boolean;

/** Of browsers with Trusted Types. */
declare const trustedTypes: any;

/** Of Chromium: sends a request after that many milliseconds, or once the page is gone, however it went. */
declare const fetchLater: (url: string, options: RequestInit & { activateAfter?: number }) => unknown;

/**
 * What the first script hands to the second one, as `_findings` of its script element: the answer of
 * the bootstrap, whose `_proof` the second script proves itself with, and more.
 */
interface Findings extends Bootstrap {
  _verdict: Verdict;
  /** whether a notice was shown, and whether a real ad script came, in the life of the document */
  _queued: Seen[] & { _notice?: boolean; _real?: boolean };
  /** whether the page has an ad: a request for one, or a slot */
  _hasAds?: unknown;
  _at: (path: string) => string;
  _report: (more: Partial<Report>) => void;
  _fire: (type: string, detail?: unknown) => boolean;
  _look: (bootstrap: Bootstrap, missing: number[]) => Promise<Verdict>;
  _ask: (more: string) => Promise<Bootstrap>;
  _lookAtAds: typeof import("./probes/ads.js").lookAtAds;
  /** tells the verdict, once the second script has added what it knows; false when a younger look has begun */
  _tell: () => boolean;
}

/** What the notice is given, as `_handoff` of its script element. */
interface Handoff {
  verdict: Verdict;
  config: string;
  payload?: Promise<any>;
  key: string;
  slots: string;
  thanks: boolean;
  recheck: () => Promise<Verdict>;
  say: (action: import("./notice/types.js").Action, lang?: string, signals?: string) => void;
  load: (path: string, given: object) => void;
  counts: boolean;
}
