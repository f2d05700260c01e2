/** All packages, in one folder. */
import { sourceDate } from './checkout.js';
import { makeDeb } from './deb.js';
import { packages } from './packages.js';

/** @returns the archives */
export async function buildPackages(folder: string): Promise<string[]> {
  const seconds = await sourceDate();
  const debs = await packages(seconds);
  return Promise.all(debs.map((deb) => makeDeb(deb, folder, seconds)));
}
