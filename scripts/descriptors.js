/**
 * Generated code decodes the descriptor of its .proto file whenever it is loaded, by the descriptor
 * of descriptors, which is put together for that: descriptor.proto, with 23 messages. In a build
 * descriptors are literals, decoded already.
 */
import { readFile } from 'node:fs/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';

/** @type {import('esbuild').Plugin} */
export const decodedDescriptors = {
  name: 'decoded-descriptors',
  setup(build) {
    /** @param {RegExp} filter @param {(source: string) => string} change */
    const changing = (filter, change) =>
      build.onLoad({ filter }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const contents = change(source);
        if (contents === source) throw new Error(`${path} is not as it was expected`);
        return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' };
      });
    changing(/\/src\/generated\/.*_pb\.ts$/, withDecoded);
    // The well-known types, some of which the library has for their JSON.
    changing(/\/google\/protobuf\/\w+_pb\.js$/, (source) =>
      source.includes(' boot(') ? withoutFields(source) : withDecoded(source),
    );
    changing(/\/codegenv2\/file\.js$/, (source) =>
      source.replace('fromBinary(FileDescriptorProtoSchema, base64Decode(b64))', 'b64'),
    );
  },
};

/** @param {string} source */
function withDecoded(source) {
  return source.replaceAll(/fileDesc\("([\w+/]+)"/g, (_call, base64) => {
    const bytes = Buffer.from(String(base64), 'base64');
    return `fileDesc(${literal(fromBinary(FileDescriptorProtoSchema, bytes))}`;
  });
}

/**
 * With descriptors decoded, what is left of descriptor.proto is that its options are extended.
 * @param {string} source
 */
function withoutFields(source) {
  const { proto } = FileDescriptorProtoSchema.file;
  const names = proto.messageType
    .map(({ name }) => name)
    .filter((name) => name.endsWith('Options'));
  const messageType = names.map((name) => ({ name }));
  const left = { name: proto.name, package: proto.package, messageType, enumType: [] };
  return source.replace(/ boot\(.*\);$/m, () => ` boot(${JSON.stringify(left)});`);
}

/**
 * The source of a value. Messages have the defaults of their fields in their prototype.
 * @param {unknown} value
 * @returns {string}
 */
function literal(value) {
  if (value instanceof Uint8Array) return `Uint8Array.of(${value.join()})`;
  if (Array.isArray(value)) return `[${value.map(literal).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, each]) => `${key}:${literal(each)}`);
  /** @type {unknown} */
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype) entries.unshift(`__proto__:${literal({ ...prototype })}`);
  return `{${entries.join()}}`;
}
