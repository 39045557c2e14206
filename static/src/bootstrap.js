/**
 * The bootstrap: the uncached JSON that the first script asks for on every view.
 *
 * The table is the twin of `KEYS` in detector/core/bootstrap.py. The build writes the key of the
 * JSON in place of each name (scripts/build.mjs), so names cost nothing in what is served.
 */

/** Name in these sources: key in the JSON. types.d.ts says what each is. */
export const KEYS = {
  _view: "v",
  _token: "t",
  _proof: "x",
  _imageWidth: "w",
  _baits: "b",
  _arrivalsUrl: "q",
  _classes: "e",
  _styles: "i",
  _pauses: "l",
  _adHosts: "h",
  _slots: "s",
  _hostRequests: "u",
  _reportUrl: "r",
  _followupUrl: "a",
  _noticeUrl: "n",
  _textsUrl: "c",
  _storageKey: "k",
  _modes: "m",
  _variants: "y",
  _frequency: "f",
  _unreachableNotice: "o",
  _askPartial: "g",
  _askWhere: "j",
};

/** Types of bait requests; `BAIT_TYPES` in detector/core/bootstrap.py has the same numbers. */
export const SCRIPT = 0;
export const IMAGE = 1;
export const FETCH = 2;
