/** Leaves a detector's answer where the matrix reads it. */
export const tell = (blocked) => (document.documentElement.dataset.told = String(Boolean(blocked)));

/** Runs once there is a body. */
export const whenReady = (start) =>
  document.readyState === "loading"
    ? document.addEventListener("DOMContentLoaded", start)
    : start();
