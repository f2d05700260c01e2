/** Plots as SVG. */
import type { Plot } from './bench.js';

export function svg(plot: Plot): string {
  return plot.title;
}
