export { fromWorker, type WorkerBackend, type WorkerConfig } from './backend/from-worker.js';
