/** @param {number} ms */
export const pause = (ms) => new Promise((go) => setTimeout(go, ms));
