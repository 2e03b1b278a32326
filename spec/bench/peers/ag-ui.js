import { HttpAgent } from '@ag-ui/client';

/**
 * The client of AG-UI. It speaks no chat completions and runs no tools by itself, so it reads a run of AG-UI's own events
 * of as many tokens; each consumer is a subscriber of its agent.
 *
 * @type {import('../subject.ts').Subject}
 */
export const subject = {
  runAgent: async (baseURL, consumers) => {
    const agent = new HttpAgent({ url: baseURL.replace('/burst/', '/agui/').replace(/\/v1$/, '') });
    let heard = 0;
    for (let consumer = 0; consumer < consumers; consumer += 1)
      agent.subscribe({
        onTextMessageContentEvent: ({ event }) => {
          heard += event.delta.length;
        },
      });
    await agent.runAgent();
    return heard;
  },
};
