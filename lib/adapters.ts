// Runs for consumers that are no Observers.
export type { BufferConfig, EventBufferConfig } from './adapters/buffer-config.js';
export { toAsyncIterable } from './adapters/to-async-iterable.js';
export { toReadableStream } from './adapters/to-readable-stream.js';
export { BufferOverflowError } from './errors/buffer-overflow-error.js';
