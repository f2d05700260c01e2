/**
 * ping (0x13): whether ceod works here, and what it works with. For everybody, and so it costs little:
 * one look at each part is under way at a time, however many ask.
 */
import { PingResponse_Health as Health } from '../../generated/ceo/ceo_pb.js';
import { success } from '../../protocol/status.js';
import { VERSION } from '../../version.js';
import { inMessages } from '../base/refusal.js';
import type { Site } from '../site/site.js';
import type { Handler } from './handler.js';

/** Of each part by its name, something cheap that fails unless it works. */
export type Looks = Readonly<Record<string, () => Promise<unknown>>>;

/** A part that has not answered by then is down; one that takes this long is slow. */
export const ANSWER_MS = 2_000;
const SLOW_MS = 500;

export function ping(
  { hostname, opNames }: Pick<Site, 'hostname' | 'opNames'>,
  looks: Looks,
): Handler<'ping'> {
  const parts = Object.entries(looks).map(([name, look]) => ({ name, health: shared(look) }));
  return {
    async execute() {
      return {
        messages: [success(`ceod ${VERSION} on ${hostname}`)],
        version: VERSION,
        ops: [...opNames],
        parts: await Promise.all(
          parts.map(async ({ name, health }) => ({ name, health: await health() })),
        ),
      };
    },

    refused: inMessages,
  };
}

/** Who asks while a look is under way waits for the same one, and for what is left of its time. */
function shared(look: () => Promise<unknown>): () => Promise<Health> {
  let underWay: { startedAt: number; answer: Promise<Health> } | undefined;

  function begin() {
    const startedAt = performance.now();
    const answer = look()
      .then(
        () => (performance.now() - startedAt < SLOW_MS ? Health.OK : Health.SLOW),
        () => Health.DOWN,
      )
      .finally(() => (underWay = undefined));
    return { startedAt, answer };
  }

  return () => {
    const { startedAt, answer } = (underWay ??= begin());
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<Health>((resolve) => {
      const left = startedAt + ANSWER_MS - performance.now();
      timer = setTimeout(() => resolve(Health.DOWN), Math.max(0, left));
    });
    return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
  };
}
