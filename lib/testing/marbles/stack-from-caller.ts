/** What V8 has; other engines leave the stack as it is. */
const { captureStackTrace } = Error as { readonly captureStackTrace?: (error: Error, entry: (...args: never[]) => unknown) => void };

/**
 * The same error, whose stack begins at the caller of `entry`: what test runners show is then the line of the test, and
 * no line of this library before it.
 *
 * @internal
 */
export const stackFromCaller = <E extends Error>(error: E, entry: (...args: never[]) => unknown): E => {
  captureStackTrace?.(error, entry);
  return error;
};
