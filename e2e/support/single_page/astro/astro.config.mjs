import { defineConfig } from "astro/config";

export default defineConfig({
  outDir: process.env.OUT, cacheDir: `${process.env.OUT}.cache`, devToolbar: { enabled: false },
  // node_modules may be a link.
  vite: { cacheDir: `${process.env.OUT}.vite`, resolve: { preserveSymlinks: true } },
});
