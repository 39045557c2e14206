/**
 * Types of the detector's events on `document`, for pages written in TypeScript. Add this file to the
 * files of your project; it declares types only, and no variable. docs/reference/events.md explains them.
 */
declare namespace Ads {
  type State = "blocked" | "unreachable" | "clear" | "unknown" | "partial";

  /** The best guess at what acts on the page; null where no kind is likely enough. */
  type Kind = "extension" | "browser" | "network" | null;

  /** What one probe saw. */
  type Signal = "clear" | "blocked" | "unknown";

  /** `detail` of `ads:verdict`: a page view was judged. */
  interface Verdict {
    state: State;
    kind: Kind;
    /** By probe. A probe that was not needed has none, and `unknown` without an answer has none at all. */
    signals: Partial<Record<"requests" | "elements" | "ads" | "slots", Signal>>;
    /** Milliseconds from the script's start to the verdict. */
    ms: number;
    /** True where the verdict of this view was `clear` before. */
    revised?: boolean;
  }

  /** What a visitor does with the notice. */
  type Action = "shown" | "steps" | "recheck" | "allowed" | "dismissed" | "support" | "disputed";

  /** `detail` of `ads:notice`: the visitor did something with the notice. */
  interface NoticeAction {
    action: Action;
  }

  /** `detail` of `ads:notice` in the mode custom: the page is to show its own notice now. */
  interface NoticeRequest {
    action: "ask";
    verdict: Verdict;
    /** Counts what the visitor does, as for the built-in notice. */
    say(action: Action): void;
    /** Checks the page again; rejects where the server does not answer. */
    recheck(): Promise<Verdict>;
  }

  type Notice = NoticeAction | NoticeRequest;

  /** `detail` of `ads:consent`: takes the answer. */
  type Consent = (answer: "granted" | "denied" | "unknown") => void;
}

interface DocumentEventMap {
  "ads:verdict": CustomEvent<Ads.Verdict>;
  "ads:notice": CustomEvent<Ads.Notice>;
  "ads:consent": CustomEvent<Ads.Consent>;
  /** Sent by a page: tell me the verdict. */
  "ads:ask": CustomEvent<null>;
  /** Sent by a page: check it again; with any `detail` as a new view. */
  "ads:check": CustomEvent<unknown>;
}
