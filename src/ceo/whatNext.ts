/** What an error leaves open: whether anything was changed, and what to do (src/errors.ts). */
import { kinds, type CeoError } from '../errors.js';

export const whatWasChanged = ({ code }: CeoError): string => kinds[code].changed;

export const whatNext = ({ code, next = kinds[code].next }: CeoError): string | undefined => next;
