import { readFileSync, readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { parseSync, type MemberExpression, type Node } from 'oxc-parser';

/** A file of the repository: its path from the root, with `/`, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

interface Import {
  readonly line: number;
  /** Nothing of it is left when the program runs. */
  readonly typeOnly: boolean;
  readonly specifier: string;
  /** The file it names, when it is one of ours. */
  readonly target?: string;
}

const rooms = ['workflows', 'activities', 'api', 'prisma', 'test'] as const;
type Room = (typeof rooms)[number] | 'simulators' | 'root';

const roomOf = (path: string): Room => {
  if (path.startsWith('test/simulators/') && !path.endsWith('.test.ts')) return 'simulators';
  return rooms.find((room) => path.startsWith(`${room}/`)) ?? 'root';
};

/** Whom a room may import (README: the table of rooms). */
const mayImport: Readonly<Record<Room, readonly Room[]>> = {
  workflows: ['workflows'],
  prisma: ['prisma'],
  activities: ['activities', 'workflows', 'prisma'],
  api: ['api', 'activities', 'workflows', 'prisma'],
  simulators: ['simulators'],
  test: ['test', 'simulators', 'api', 'activities', 'workflows', 'prisma', 'root'],
  root: ['root', 'api', 'activities', 'workflows', 'prisma'],
};
/** Whom it may import when nothing of it is left at run time. */
const mayTakeTypes: Readonly<Partial<Record<Room, readonly Room[]>>> = {
  workflows: ['workflows', 'activities', 'api', 'prisma'],
};

const sandboxPackages = ['@temporalio/workflow', '@temporalio/common'];
const clockFile = 'workflows/rules/civil-time.ts';
const isSchema = (path: string) => /^workflows\/(.+\/)?schema\.ts$/.test(path);
const isNode = (specifier: string) => specifier.startsWith('node:') || builtinModules.includes(specifier);
const isPackage = (specifier: string, name: string) => specifier === name || specifier.startsWith(`${name}/`);

const fields = ['Date', 'Day', 'FullYear', 'Hours', 'Milliseconds', 'Minutes', 'Month', 'Seconds'];
const local = new Set([
  ...fields.flatMap((field) => [`get${field}`, `set${field}`]),
  'getTimezoneOffset',
  'toDateString',
  'toTimeString',
  'toLocaleDateString',
  'toLocaleTimeString',
  'toLocaleString',
]);

const vague = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'types', 'shared', 'misc']);

/** Names that say nothing: every file and folder is called after the one thing it holds. */
export const vagueNames = (paths: readonly string[]): string[] =>
  paths
    .filter((path) =>
      path
        .toLowerCase()
        .split(/[/.\-_]/)
        .some((word) => vague.has(word)),
    )
    .map((path) => `${path} says nothing about what it holds`);

const nameOf = (node: MemberExpression): string | undefined => {
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : undefined;
  return node.property.type === 'Literal' && typeof node.property.value === 'string' ? node.property.value : undefined;
};
const isNamed = (node: Node, name: string) => node.type === 'Identifier' && node.name === name;
const text = (node: Node | null | undefined) =>
  node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;

/** All nodes of a tree, from the root down. */
function* nodesOf(part: unknown): Generator<Node> {
  if (part === null || typeof part !== 'object') return;
  if ('type' in part && typeof part.type === 'string') yield part as Node;
  for (const child of Object.values(part)) yield* nodesOf(child);
}

const brought = (source: Node | undefined, typeOnly = false) => ({ specifier: text(source), typeOnly });

/** What a node brings in from elsewhere, if it does: the name (absent: not written there) and whether only types. */
function importIn(node: Node): ReturnType<typeof brought> | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      return brought(node.source, node.importKind === 'type');
    case 'ExportAllDeclaration':
      return brought(node.source, node.exportKind === 'type');
    case 'ExportNamedDeclaration':
      return node.source ? brought(node.source, node.exportKind === 'type') : undefined;
    case 'ImportExpression':
      return brought(node.source);
    case 'TSImportType':
      return brought(node.source, true);
    case 'TSExternalModuleReference':
      return brought(node.expression);
    case 'CallExpression':
      return isNamed(node.callee, 'require') ? brought(node.arguments[0]) : undefined;
    default:
      return undefined;
  }
}

/** What a node asks of the machine it runs on: another machine, or the same in a year, would answer otherwise. */
function asksTheMachine(node: Node, bindsProcess: boolean): string | undefined {
  if (node.type === 'CallExpression' && node.callee.type === 'MemberExpression') {
    const name = nameOf(node.callee);
    if ((name === 'format' || name === 'formatToParts') && node.arguments.length === 0)
      return `calls ${name}() without an argument, which asks the clock`;
    return name && local.has(name) ? `calls ${name}(), which asks for the zone or the language of the machine` : undefined;
  }
  if (node.type === 'NewExpression') {
    const {
      callee,
      arguments: [, options],
    } = node;
    if (isNamed(callee, 'Date')) return node.arguments.length > 1 ? 'makes a Date from local parts' : undefined;
    const onIntl = callee.type === 'MemberExpression' && isNamed(callee.object, 'Intl');
    if (!onIntl || nameOf(callee) !== 'DateTimeFormat') return undefined;
    const said = options?.type === 'ObjectExpression' ? options.properties : [];
    const zoned = said.some((one) => one.type === 'Property' && isNamed(one.key, 'timeZone'));
    return zoned ? undefined : 'formats a date without naming the zone';
  }
  if (node.type !== 'MemberExpression') return undefined;
  const name = nameOf(node);
  const onProcess = isNamed(node.object, 'process');
  if (name === 'Now' && isNamed(node.object, 'Temporal')) return 'asks Temporal.Now';
  if (name === 'env' && (onProcess || node.object.type === 'MetaProperty')) return 'reads the environment';
  return (onProcess && !bindsProcess) || (name === 'process' && isNamed(node.object, 'globalThis')) ? 'uses process' : undefined;
}

const binds = (node: Node, name: string): boolean =>
  (node.type === 'ImportDeclaration' && node.specifiers.some((one) => one.local.name === name)) ||
  (node.type === 'VariableDeclarator' && isNamed(node.id, name)) ||
  ('params' in node && Array.isArray(node.params) && node.params.some((one) => isNamed(one, name)));

/** Parses a file: what it imports, and what it says that its room forbids. */
function read(file: SourceFile, known: ReadonlySet<string>): { imports: Import[]; broken: string[] } {
  const parsed = parseSync(file.path.replace(/\.cjs$/, '.js'), file.text);
  const room = roomOf(file.path);
  const knowsSimulators = room === 'test' || room === 'simulators' || /^api\/embedded[/.]/.test(file.path);
  const nodes = [...nodesOf(parsed.program)];
  const bindsProcess = nodes.some((node) => binds(node, 'process'));
  const imports: Import[] = [];
  const broken = parsed.errors.map((error) => `${file.path} cannot be parsed: ${error.message}`);

  for (const node of nodes) {
    const line = () => file.text.slice(0, node.start).split('\n').length;
    const tell = (what: string | undefined) => what && broken.push(`${file.path}:${line()} ${what}`);
    const taken = importIn(node);
    if (taken?.specifier !== undefined) {
      const { specifier, typeOnly } = taken;
      const written = specifier.startsWith('.') ? posix.join(posix.dirname(file.path), specifier) : undefined;
      const ways = written ? [written, written.replace(/\.js$/, '.ts'), `${written}.ts`, `${written}/index.ts`] : [];
      const target = ways.find((path) => known.has(path)) ?? written;
      imports.push({ line: line(), typeOnly, specifier, ...(target ? { target } : {}) });
    } else if (taken && room === 'workflows') tell('imports something whose name is not written there');
    const said = node.type === 'TemplateElement' ? node.value.raw : text(node);
    if (!knowsSimulators && /(^|\/)simulators(\/|$)/.test(said ?? ''))
      tell('names the simulators, which only test/ and api/embedded/ know');
    if (room === 'workflows') tell(asksTheMachine(node, bindsProcess));
  }
  return { imports, broken };
}

function forbidden(path: string, one: Import): string | undefined {
  const room = roomOf(path);
  if (one.target !== undefined) {
    const other = roomOf(one.target);
    const may = (one.typeOnly ? mayTakeTypes[room] : undefined) ?? mayImport[room];
    if (may.includes(other) || (room === 'simulators' && other === 'test')) return undefined;
    const rest = !one.typeOnly && mayTakeTypes[room]?.includes(other) ? ' except as a type' : '';
    return `${room} may not import from ${other}${rest}`;
  }
  if (room !== 'workflows') return undefined;
  if (isNode(one.specifier)) return 'no Node module exists in the sandbox';
  if (isPackage(one.specifier, 'zod')) return isSchema(path) ? undefined : 'zod belongs in schema.ts';
  if (isPackage(one.specifier, 'luxon')) return path === clockFile ? undefined : `only ${clockFile} touches zones`;
  return sandboxPackages.includes(one.specifier) ? undefined : 'this package is not proven in the sandbox';
}

/** Every breach of the rules between rooms, a line each; none when the house is in order. */
export function breaches(files: readonly SourceFile[]): string[] {
  const known = new Set(files.map((file) => file.path));
  const readings = new Map(files.map((file) => [file.path, read(file, known)]));
  const found = [...readings].flatMap(([path, { imports, broken }]) => [
    ...broken,
    ...imports.flatMap((one) => {
      const why = forbidden(path, one);
      return why ? [`${path}:${one.line} imports ${one.specifier}: ${why}`] : [];
    }),
  ]);
  const ways = [...known].filter((path) => /^workflows\/(index|[^/]+\/workflow)\.ts$/.test(path)).map((path) => [path]);
  const seen = new Set(ways.flat());
  for (let way = ways.shift(); way; way = ways.shift())
    for (const { typeOnly, target } of readings.get(way.at(-1) ?? '')?.imports ?? []) {
      if (typeOnly || !target || seen.has(target)) continue;
      seen.add(target);
      if (isSchema(target)) found.push(`${[...way, target].join(' -> ')}: workflow code may take types only from a schema`);
      else ways.push([...way, target]);
    }
  return found;
}

const left = new Set(['node_modules', 'build', 'generated', 'test-results', '.git', '.registrar']);

/** The paths of all files of the repository, without what is installed or made. */
export const filesOf = (root: string, folder = ''): string[] =>
  readdirSync(`${root}/${folder}`, { withFileTypes: true })
    .filter((entry) => !left.has(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? filesOf(root, `${folder}${entry.name}/`) : [`${folder}${entry.name}`]));

/** Those of them that are programs, with their text. */
export const sourcesOf = (root: string): SourceFile[] =>
  filesOf(root)
    .filter((path) => /\.(ts|mjs|cjs|js)$/.test(path))
    .map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }));
