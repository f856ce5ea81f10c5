import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { contentApi } from "@/api/content";
import { PageBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { ContentEditor } from "./ContentEditor";
import { blankContent, draftOf, inputOf, kinds } from "./kinds";

export function Component() {
  const params = useParams();
  const kind = kinds.find((one) => one === params["kind"]) ?? "templates";
  const id = params["id"] ?? "new";
  const item = useQuery({
    queryKey: ["content", kind, id],
    queryFn: ({ signal }) => contentApi.get(kind, id, signal),
    enabled: id !== "new",
    refetchOnWindowFocus: false,
  });
  if (id === "new")
    return <ContentEditor key={kind} kind={kind} id={null} initial={draftOf(blankContent(kind))} />;
  if (item.data)
    return (
      <ContentEditor
        key={`${id} ${item.data.version}`}
        kind={kind}
        id={id}
        initial={draftOf(inputOf(item.data))}
      />
    );
  if (item.isPending) return <PageBones />;
  return <ErrorState page error={item.error} retry={() => void item.refetch()} />;
}
