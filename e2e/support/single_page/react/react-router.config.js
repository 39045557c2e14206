// Every page is rendered when the app is built, and hydrated in the browser: a static export.
export default {
  ssr: false,
  prerender: ["/", "/article/1", "/article/2", "/checkout"],
  buildDirectory: process.env.OUT,
};
