import { ContentList } from "./ContentList";

export function Component() {
  return <ContentList kind="layouts" />;
}
