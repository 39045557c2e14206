export default function Broken() {
  throw Error("This route throws");
}
