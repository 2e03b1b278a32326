import { liveAll, type Life } from './crash-agent.js';

// A process of its own, which may be killed: the lives that its argument lists, as JSON.
liveAll(JSON.parse(process.argv[2] ?? '[]') as readonly Life[]).subscribe();
