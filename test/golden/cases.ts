import { readFileSync } from 'node:fs';
import type { JsonValue } from '@bufbuild/protobuf';

/** One captured exchange of the legacy programs; README.md here explains the fields. */
export interface GoldenCase {
  readonly name: string;
  readonly note: string;
  readonly op: 'adduser' | 'mail';
  readonly id: number;
  readonly client: string;
  readonly request: {
    readonly type: string;
    readonly hex: string;
    readonly fields: JsonValue;
    readonly raw: boolean;
  };
  readonly response: {
    readonly type: string;
    readonly statuses: readonly number[];
    /** null: the legacy daemon closed the connection without a reply. */
    readonly hex: string | null;
  };
}

export const goldenCases = JSON.parse(
  readFileSync(new URL('legacy.json', import.meta.url), 'utf8'),
) as GoldenCase[];
