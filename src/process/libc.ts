/** The C library, for what Node does not offer. */
import koffi from 'koffi';

export const libc = koffi.load('libc.so.6');
