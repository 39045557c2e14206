export const meta = () => [{ title: "Checkout" }];

export default () => <h1>Checkout</h1>;
