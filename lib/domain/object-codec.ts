import * as t from 'io-ts';

const none = {} satisfies t.Props;

/**
 * A named codec of a readonly object: all of `required`, any of `optional`, and nothing else (other properties are
 * dropped when decoding).
 */
export const objectCodec = <R extends t.Props, O extends t.Props = typeof none>(name: string, required: R, optional?: O) =>
  t.readonly(t.exact(t.intersection([t.type(required), t.partial(optional ?? (none as O))], name)), name);
