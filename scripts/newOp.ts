/**
 * `npm run new-op SetShell`: what every op consists of, to be filled in. Its test fails until that
 * is done.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { allOps } from '../src/protocol/ops.js';

const root = path.join(import.meta.dirname, '..');
const [rpc = ''] = process.argv.slice(2);
const name = rpc.toLowerCase();
if (!/^[A-Z][A-Za-z0-9]+$/.test(rpc) || allOps.some((op) => op.name === name)) {
  process.stderr.write('Usage: npm run new-op NAME, a new one, such as SetShell\n');
  process.exit(2);
}
const method = rpc.charAt(0).toLowerCase() + rpc.slice(1);
const words = rpc.replace(/(?<!^)[A-Z]/g, ' $&').toLowerCase();
const id = `0x${(Math.max(...allOps.map((op) => op.id)) + 1).toString(16)}`;

const PROTO = `
  // Does what?
  rpc ${rpc}(ceo.${rpc}) returns (ceo.${rpc}Response) {
    option (ceo.op) = {
      id: ${id}
      name: "${name}"
      run_as: "root"
      may: [OFFICE, SYSCOM]
      doing: "${words}"
    };
    // Or IDEMPOTENT, or left out if it is not safe to repeat.
    option idempotency_level = NO_SIDE_EFFECTS;
  }
}
`;

const MESSAGES = `
message ${rpc} {
  required string username = 1 [(ceo.rule) = USERNAME];
}

message ${rpc}Response {
  repeated StatusMessage messages = 1;
}
`;

const HANDLER = `/** ${name} (${id}): does what? */
import { success } from '../../protocol/status.js';
import { inMessages } from '../base/refusal.js';
import type { Site } from '../site/site.js';
import type { Handler } from './handler.js';

export function ${method}Op(site: Site): Handler<'${method}'> {
  return {
    async execute({ username }) {
      await site.managedAccount(username);
      return { messages: [success(\`nothing was done for \${username}\`)] };
    },

    refused: inMessages,
  };
}
`;

const TEST = `/** Promise: ${name} does what, for whom, and nothing else? */
import { expect, test } from '@jest/globals';
import { send } from '../../support/json.js';

const ask = (user: string, username: string) => send(user, '${name}', { username });

test('what was asked for is done, also when it was done before', async () => {
  for (let time = 1; time <= 2; time += 1) {
    const { messages } = await ask('sysadmin1', 'mailu01');
    expect(messages).toMatchObject([{ status: 0, message: 'what was done' }]);
  }
});

test('whoever may not is refused, and nothing is changed', async () => {
  expect((await ask('nobody1', 'mailu01')).messages).toMatchObject([{ status: 1 }]);
});

test('nobody there', async () => {
  expect((await ask('sysadmin1', 'nosuchuser')).messages).toMatchObject([{ status: 2 }]);
});
`;

const say = (text: string) => process.stdout.write(`${text}\n`);

function change(file: string, from: RegExp, to: (found: string) => string): void {
  const before = readFileSync(path.join(root, file), 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} is not as it is expected to be`);
  writeFileSync(path.join(root, file), after);
  say(`changed ${file}`);
}

function make(file: string, text: string): void {
  writeFileSync(path.join(root, file), text, { flag: 'wx' });
  say(`made    ${file}`);
}

change('proto/ceo/ceo.proto', /^service Ceod \{\n[^]*?^\}\n/m, (service) =>
  service.replace(/\}\n$/, PROTO),
);
change('proto/ceo/ceo.proto', /$(?![^])/, () => MESSAGES);
make(`src/ceod/ops/${name}.ts`, HANDLER);
change(
  'src/ceod/runner/handlers.ts',
  /^import .* from '\.\.\/ops\/.*\n(?![^]*from '\.\.\/ops\/)/m,
  (line) => `${line}import { ${method}Op } from '../ops/${name}.js';\n`,
);
change('src/ceod/runner/handlers.ts', /^const builders: Builders = \{\n[^]*?^\};\n/m, (builders) =>
  builders.replace(/\};\n$/, `\n  ${method}: (site) => ${method}Op(site),\n};\n`),
);
make(`etc/ops/${name}`, `# HOST NAME USER ID\nginseng.example.org ${name} root ${id}\n`);
make(`test/system/ceod/${name}.test.ts`, TEST);
execFileSync('npm', ['run', '--silent', 'generate'], { cwd: root, stdio: 'inherit' });
say(`
Now say in these files what ${name} is, who may use it and what it does; npm run generate after each
change of the proto. npm test -- test/system/ceod/${name} tries it; npm test says what is missing.`);
