/** LDIF (RFC 2849), for commands and files that people are given. */

/** One attribute with its value, on one line. */
export const ldifLine = (attribute: string, value: string): string =>
  /^[!-9;=-~][ -~]*$/.test(value) && !value.endsWith(' ')
    ? `${attribute}: ${value}`
    : `${attribute}:: ${Buffer.from(value).toString('base64')}`;
