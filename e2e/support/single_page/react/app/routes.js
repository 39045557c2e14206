import { index, route } from "@react-router/dev/routes";

export default [
  index("home.jsx"),
  route("article/:number", "article.jsx"),
  route("checkout", "checkout.jsx"),
  route("broken", "broken.jsx"),
];
