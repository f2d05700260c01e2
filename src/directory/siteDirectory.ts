/** The site's own directory, and where things are in it. */
import { Directory, type DirectoryOptions } from './connection.js';

/** DNs of the entries above accounts, groups and sudo rules. */
export interface Bases {
  readonly users: string;
  readonly groups: string;
  readonly sudo: string;
}

export class SiteDirectory extends Directory {
  constructor(
    readonly bases: Bases,
    options: DirectoryOptions,
  ) {
    super(options);
  }
}
