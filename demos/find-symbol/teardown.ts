import { tap } from 'rxjs';
import type { LLMBackend, Tool } from 'purpose-rx';

/** What went on, and what was stopped before it ended by itself. */
export interface Activity {
  requests: number;
  requestsAborted: number;
  toolsAborted: number;
}

/** The same backend, its requests counted, and those that are unsubscribed before their end. */
export const countRequests = (backend: LLMBackend, activity: Activity): LLMBackend => ({
  stream: (request) =>
    backend.stream(request).pipe(
      tap({
        subscribe: () => {
          activity.requests += 1;
        },
        unsubscribe: () => {
          activity.requestsAborted += 1;
        },
      }),
    ),
});

/** The same tool, the calls counted whose signal is aborted. */
export const countAborts = (tool: Tool<unknown>, activity: Activity): Tool<unknown> => {
  const onAbort = (): void => {
    activity.toolsAborted += 1;
  };
  return {
    ...tool,
    run: (params, context) => {
      context.signal.addEventListener('abort', onAbort, { once: true });
      return tool.run(params, context);
    },
  };
};
