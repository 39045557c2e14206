// Loaded into Playwright's driver. Up to 1.64 it ends, and with it every test, when Firefox reports a
// navigation in a frame that the page has just removed: BidiPage._onNavigationCommitted reads a name
// of a frame that is gone. That one error is ignored; any other ends the driver as before.
process.on("uncaughtException", (error) => {
  if (/_onNavigationCommitted/.test(String(error && error.stack))) return;
  console.error(error);
  process.exit(1);
});
