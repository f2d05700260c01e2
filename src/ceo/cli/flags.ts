/** Flags that many commands have. */
export const jsonFlag = {
  json: { type: 'boolean', usage: 'print the result as JSON' },
} as const;
