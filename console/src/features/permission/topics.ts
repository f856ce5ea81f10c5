import { useQuery } from "@tanstack/react-query";
import { api } from "@/api/operations";

export const topicsKey = ["topics"];

export function useTopics() {
  return useQuery({
    queryKey: topicsKey,
    queryFn: ({ signal }) => api.topics(signal),
    staleTime: 30_000,
  });
}
