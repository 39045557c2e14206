// React hydrates the whole document, <html> and <head> included.
import { Link, Links, Meta, Outlet, Scripts, ScrollRestoration } from "react-router";
import { Counter } from "./counter.jsx";

export function Layout({ children }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <link rel="icon" href="data:," />
        <Meta />
        <Links />
      </head>
      <body>
        <nav>
          <Link to="/">Home</Link> <Link to="/article/1">Article 1</Link> <Link to="/article/2">Article 2</Link>{" "}
          <Link to="/checkout">Checkout</Link> <Link to="/broken">Broken</Link>
        </nav>
        {children}
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  );
}

export const ErrorBoundary = ({ error }) => <h1>{error.message}</h1>;

export default function App() {
  return (
    <main>
      <Outlet />
      <Counter />
    </main>
  );
}
