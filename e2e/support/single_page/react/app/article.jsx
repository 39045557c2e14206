import { useParams } from "react-router";

export const meta = ({ params }) => [{ title: `Article ${params.number}` }];

export default function Article() {
  return <h1>Article {useParams().number}</h1>;
}
