export const meta = () => [{ title: "Home" }];

export default () => <h1>Home</h1>;
