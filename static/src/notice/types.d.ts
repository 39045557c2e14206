/** What the first script found out about this page view. */
export type Verdict = {
  state: "blocked" | "clear" | "unreachable" | "unknown";
  kind: string | null;
  signals: Record<string, string>;
  ms: number;
};

export type Action = "shown" | "steps" | "recheck" | "allowed" | "dismissed" | "support" | "disputed";

/** What the first script hands over as `_handoff` of our own script element. */
export type Handoff = {
  verdict: Verdict;
  /** Absolute, same-origin URL of the JSON that `detector.core.notice.payload` makes; takes more of a query. */
  config: string;
  /** That JSON, on its way already. */
  payload: Promise<Payload>;
  /** Storage key of this site. */
  key: string;
  /** Selectors of the places where the page wants its ads. */
  slots: string;
  /** The page was reloaded after "I have allowed ads" and ads arrive: only say thank you. */
  thanks: boolean;
  recheck: () => Promise<Verdict>;
  /** Tells the page, and where views are counted the site; `signals` are those that said blocked. */
  say: (action: Action, lang?: string, signals?: string) => void;
  /** Loads another script of ours by its path, and gives it what it needs. */
  load: (path: string, given: object) => void;
  /** Whether anything is counted on this view. */
  counts: boolean;
};

/** What `detector.core.notice.panel` answers when somebody blocks no ads: a script, and its texts. */
export type PanelTexts = {
  src: string;
  title: string;
  /** What each signal means, by its name. */
  saw: Record<string, string>;
  why: string;
  counted: string;
  local: string;
  thanks: string;
};

/** What the panel is given: all that, the notice's own, and its card. */
export type Panel = Handoff & {
  texts: PanelTexts;
  card: HTMLElement;
  close: HTMLElement;
  /** From here on closing the notice is no "Not now", and possible on a hard wall too. */
  settle: () => void;
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
  /** The button of whoever blocks no ads. */
  disputed: string;
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
  more?: number;
  /** Days of quiet, where they are not 7 and 30. */
  days?: number[];
  /** Whether the page is loaded again by itself, once. */
  auto?: number;
  /** Custom properties and the colour scheme. */
  look?: Record<string, string>;
  logo?: [src: string, alt: string];
  /** The owner's own ways out: label and address. */
  links?: [label: string, url: string][];
  /** Of the mode redirect: the script that leads to the owner's page, by its path. */
  src?: string;
  /** Selector of what a wall blurs. */
  blur?: string;
  /** Rules for this mode. */
  css?: string;
  /** Selector of a template of the owner's. */
  template?: string;
};

/** The card's parts, ours or those of the owner's template; `_host` is what is put on the page. */
export type View = {
  _host: HTMLElement;
  _card: HTMLElement;
  _close: HTMLElement;
  _steps: HTMLElement;
  _lead: HTMLElement;
  _more?: HTMLDetailsElement;
  _disputed: HTMLElement;
  _status: HTMLElement;
  _reload: HTMLElement;
  _how: HTMLElement;
  _done: HTMLElement;
  _later?: HTMLElement | "";
  _links: HTMLElement[];
};

/** What this site keeps in the browser: one string. */
export type Entry = { _quietUntil: number; _dismissals: number; _views: number; _mark: string };
