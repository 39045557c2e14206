import vue from "@vitejs/plugin-vue";

export default { plugins: [vue()], build: { outDir: process.env.OUT, emptyOutDir: true } };
