import type { ObservableNotification } from 'rxjs';
import { showValue } from '../marbles/show-value.js';

/** What a subscriber heard, oldest first. */
export type Heard<T> = readonly ObservableNotification<T>[];

/** The values among what was heard. */
export const valuesOf = <T>(heard: Heard<T>): readonly T[] =>
  heard.flatMap((notification) => (notification.kind === 'N' ? [notification.value] : []));

/** The first end that was heard. */
export const endOf = <T>(heard: Heard<T>): ObservableNotification<T> | undefined => heard.find(({ kind }) => kind !== 'N');

/** What was heard after the first end. */
export const afterEnd = <T>(heard: Heard<T>): Heard<T> => {
  const end = endOf(heard);
  if (end === undefined) return [];
  return heard.slice(heard.indexOf(end) + 1);
};

/** The most notifications that a message tells one by one. */
const MOST = 8;

const tell = <T>(notification: ObservableNotification<T>): string => {
  if (notification.kind === 'N') return `the value ${showValue(notification.value)}`;
  return notification.kind === 'C' ? 'the end' : `the error ${showValue(notification.error)}`;
};

/**
 * What was heard as text for a message: `the value "a", the end`.
 *
 * @internal
 */
export const tellHeard = <T>(heard: Heard<T>): string => {
  if (heard.length === 0) return 'nothing';
  const more = heard.length - MOST;
  return [...heard.slice(0, MOST).map(tell), ...(more > 0 ? [`${more} more`] : [])].join(', ');
};
