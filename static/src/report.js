/** The report: the small JSON that says how a view ended, or what was done with the notice. */

/**
 * Name in these sources: key in the JSON, written in its place by the build. The twin of `KEYS` in
 * detector/core/reports/parser.py, which says what each field may hold.
 */
export const KEYS = {
  _viewToken: "t",
  _pageToken: "p",
  _state: "s",
  _kind: "i",
  _action: "a",
  _failed: "f",
  _elements: "e",
  _mode: "m",
  _variant: "y",
  _locale: "l",
  _recovered: "r",
  _signals: "g",
  _session: "w",
};
