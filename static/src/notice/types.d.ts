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
  /** Absolute, same-origin URL of the JSON that `detector.core.notice.payload` makes; takes more of a query. */
  config: string;
  /** That JSON, where it is on its way already. */
  payload?: Promise<Payload>;
  /** Storage key of this site. */
  key: string;
  /** Selectors of the places where the page wants its ads. */
  slots: string;
  /** The page was reloaded after "I have allowed ads" and ads arrive: only say thank you. */
  thanks: boolean;
  recheck: () => Promise<Verdict>;
  say: (action: Action, lang?: string) => void;
};

/** How to allow ads in one blocker or browser; `lang` marks a guide that is not in the notice's language. */
export type Guide = { name: string; steps: string[]; lang?: string };

/** A hard wall and a slot have no `later`, a message that asks for nothing only title, body and close. */
export type Text = {
  title: string;
  body: string;
  how?: string;
  done: string;
  later?: string;
  close: string;
  seen: string;
  then: string;
  more: string;
  looking: string;
  still: string;
  unsure: string;
  again: string;
  reload: string;
  thanks: string;
  /** For how long nobody is asked after "Not now": at first, and from the third time on. */
  quiet?: string[];
};

export type Payload = {
  mode: string;
  lang: string;
  dir: string;
  text: Text;
  /** Those that fit this browser. */
  guides?: Guide[];
  /** Whether there are others to ask for. */
  more?: boolean;
  /** Days of quiet, where they are not 7 and 30. */
  days?: number[];
  /** Whether the page is loaded again by itself, once. */
  auto?: number;
  /** Custom properties and the colour scheme. */
  look?: Record<string, string>;
  logo?: [src: string, alt: string];
  /** The owner's own ways out: label and address. */
  links?: [label: string, url: string][];
  /** Selector of what a wall blurs. */
  blur?: string;
  /** Rules for this mode. */
  css?: string;
  /** Selector of a template of the owner's. */
  template?: string;
};

/** The card's parts, ours or those of the owner's template; `host` is what is put on the page. */
export type View = {
  host: HTMLElement;
  card: HTMLElement;
  close: HTMLElement;
  steps: HTMLElement;
  lead: HTMLElement;
  more?: HTMLDetailsElement;
  status: HTMLElement;
  reload: HTMLElement;
  how: HTMLElement;
  done: HTMLElement;
  later?: HTMLElement | "";
  links: HTMLElement[];
};

/** What this site keeps in the browser: one string. */
export type Entry = { quietUntil: number; dismissals: number; views: number; mark: string };
