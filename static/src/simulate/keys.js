/** What the simulating script is told: name in these sources, key in the JSON of preview_links.py. */
export const KEYS = {
  _mode: "m",
  _kind: "i",
  _noticeUrl: "n",
  _textsUrl: "c",
  _storageKey: "k",
  _slots: "s",
  _explains: "x",
};
