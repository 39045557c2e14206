// One index.html for all addresses, rendered in the browser.
import { createApp, h } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import App from "./App.vue";
import Page from "./Page.vue";

const Broken = {
  setup() {
    throw Error("This route throws");
  },
  render: () => h("h1", "Broken"),
};
const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (to, from, saved) => saved || { top: 0 },
  routes: [
    { path: "/", component: Page, props: { title: "Home" } },
    { path: "/article/:number", component: Page, props: ({ params }) => ({ title: `Article ${params.number}` }) },
    { path: "/checkout", component: Page, props: { title: "Checkout" } },
    { path: "/broken", component: Broken },
  ],
});
createApp(App).use(router).mount("#app");
