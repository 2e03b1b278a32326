const CUT_OFF = /^(?:length|content_filter|salvaged)$/i;

/**
 * Whether a finish reason says that the answer was cut off: by its length, by a filter, or by an error after which it was
 * kept all the same. Nothing is decided by such an answer, however whole it looks.
 *
 * @internal
 */
export const isCutOff = (reason: string | undefined): boolean => reason !== undefined && CUT_OFF.test(reason);
