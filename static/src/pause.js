/** @param {number} ms @returns {Promise<void>} */
export const pause = (ms) => new Promise((go) => setTimeout(go, ms));
