import { useRef, useState } from "react";
import { ApiError } from "@/api/client";
import { api } from "@/api/operations";
import type { ImportJob } from "@/api/types";
import { backoffMs } from "@/lib/backoff";

const partBytes = 4 * 1024 * 1024;
const tries = 5;

function passes(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}

/** Waits out a network that drops and a server that restarts, then asks how far the server came. */
async function sendPart(job: ImportJob, part: Blob, signal: AbortSignal): Promise<ImportJob> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await api.uploadImport(job.id, job.received, part, signal);
    } catch (error) {
      if (!passes(error) || attempt >= tries) throw error;
      await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt, Math.random())));
      const now = await api.import(job.id, signal).catch(() => job);
      if (now.received !== job.received) return now;
    }
  }
}

/** Uploads a file in parts and goes on where it stopped. */
export function useUpload(onDone: (job: ImportJob) => void) {
  const [file, setFile] = useState<File | null>(null);
  const [part, setPart] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const job = useRef<ImportJob | null>(null);
  const control = useRef<AbortController>(undefined);

  const go = async (given: File) => {
    const controller = new AbortController();
    control.current = controller;
    setError(null);
    try {
      job.current ??= await api.createImport({ file_name: given.name, size: given.size });
      while (job.current.received < given.size) {
        setPart(job.current.received / given.size);
        const from = job.current.received;
        const slice = given.slice(from, from + partBytes);
        job.current = await sendPart(job.current, slice, controller.signal);
      }
      const done = job.current;
      job.current = null;
      setFile(null);
      onDone(done);
    } catch (problem) {
      if (!controller.signal.aborted) setError(problem);
    }
  };
  return {
    file,
    part,
    error,
    begin: (given: File) => {
      job.current = null;
      setFile(given);
      setPart(0);
      return go(given);
    },
    retry: () => {
      if (file) void go(file);
    },
    cancel: () => {
      control.current?.abort();
      if (job.current) void api.removeImport(job.current.id).catch(() => undefined);
      job.current = null;
      setFile(null);
      setError(null);
    },
  };
}
