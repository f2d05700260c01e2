/** How things look: one accent colour, and red for what went wrong. Marks tell the same without colour. */
export const ACCENT = 'cyan';
export const FAILURE = 'red';

/** In front of what a key would act on. */
export const POINTER = '❯';

/** The smallest terminal that every page fits in. */
export const MIN_COLUMNS = 80;
export const MIN_ROWS = 24;
