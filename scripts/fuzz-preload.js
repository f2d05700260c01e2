/**
 * Loads the fuzzer's instrumenter before the fuzzer hooks `require`: what it loads on its first
 * use would otherwise be given to itself to instrument.
 */
import { createRequire } from 'node:module';

/**
 * @typedef {{ instrumentSync(code: string, file: string): string }} Instrumenter
 * @typedef {{ createInstrumenter(): Instrumenter }} Instrument
 */

const fromFuzzer = createRequire(
  createRequire(import.meta.url).resolve('jsfuzz/build/src/worker.js'),
);
const instrument = /** @type {Instrument} */ (fromFuzzer('istanbul-lib-instrument'));
instrument.createInstrumenter().instrumentSync('0', 'first.js');
