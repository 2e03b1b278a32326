export { jsonlFile, readJournal, type JournalContents, type JsonlFile, type JsonlFileConfig } from './policies/jsonl-file.js';
export { fromWorker, type WorkerBackend, type WorkerConfig } from './backend/from-worker.js';
