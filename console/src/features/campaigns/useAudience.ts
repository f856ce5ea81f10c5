import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "@/api/operations";
import { useRested } from "@/lib/address";
import { conditionOf, type Plan } from "./plan";

/** How many the audience is now and some of them; nothing is asked while nobody is chosen. */
export function useAudience(plan: Plan) {
  const condition = conditionOf(plan);
  const text = useRested(JSON.stringify(condition), 200);
  return useQuery({
    queryKey: ["audience", text],
    queryFn: ({ signal }) => {
      const asked = JSON.parse(text) as NonNullable<typeof condition>;
      return api.previewSegment(asked, signal);
    },
    enabled: condition !== null && text !== "null",
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}
