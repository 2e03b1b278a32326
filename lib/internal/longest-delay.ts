/** The longest delay that timers of the platform can hold, in milliseconds: a longer one would fire at once. */
export const LONGEST_DELAY = 2 ** 31 - 1;
