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
};

/**
 * Sends a report, even from a page that is being left.
 *
 * @param {string} url
 * @param {Report} report
 */
export const send = (url, report) =>
  navigator.sendBeacon(
    url,
    // Firewalls refuse text/plain by default, as which a beacon sends a string.
    new Blob([JSON.stringify(report)], { type: "application/json" }),
  );
