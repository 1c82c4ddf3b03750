// Which room may import which (docs/architecture.md). Type-only imports count. Files directly in src/ other than index.ts are open to all.
/** What sessions bring together. */
const belowSessions = [
  'engine/',
  'catalogue/',
  'planning/',
  'cost/',
  'lowering/',
  'circuit/',
  'scheme/',
  'network/',
  'image/',
  'store/',
  'tensor/',
];

const rooms = {
  'cli/': ['operations/', 'sessions/events'],
  'index.ts': ['operations/', 'sessions/events'],
  'service/': ['operations/', 'sessions/'],
  'operations/': ['sessions/', ...belowSessions],
  'sessions/': belowSessions,
  'engine/': ['cost/', 'circuit/', 'scheme/', 'store/'],
  'catalogue/': ['planning/', 'network/', 'scheme/'],
  'planning/': ['cost/', 'lowering/', 'circuit/', 'network/', 'scheme/', 'tensor/'],
  'cost/': ['circuit/', 'scheme/'],
  'lowering/': ['circuit/', 'network/', 'scheme/', 'tensor/'],
  'circuit/': ['tensor/'],
  'scheme/': [],
  'network/': ['tensor/'],
  'image/': ['tensor/'],
  'store/': [],
  'tensor/': [],
};

/** Packages that only one room uses. */
const packages = {
  commander: 'cli/',
  '@bufbuild/protobuf': 'network/',
  pngjs: 'image/',
  '@cornerstonejs/codec-libjpeg-turbo-8bit': 'image/',
  'cmake-js': 'operations/',
};

const pattern = (room) => `^src/${room.replace('.', '\\.')}`;

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, imports]) => ({
      name: `${room.replace(/\/$/, '')}-imports`,
      comment: `src/${room} may import ${imports.join(', ') || 'no other room'}`,
      severity: 'error',
      from: { path: pattern(room) },
      to: {
        path: '^src/',
        pathNot: ['^src/(?!index)[^/]+\\.ts$', ...[room, ...imports].map(pattern)],
      },
    })),
    ...Object.entries(packages).map(([name, room]) => ({
      name: `${name}-only-in-${room.replace(/\/$/, '')}`,
      severity: 'error',
      from: { path: '^src/', pathNot: pattern(room) },
      to: { path: `^node_modules/${name}/` },
    })),
    {
      name: 'engines-are-independent',
      severity: 'error',
      from: { path: '^src/engine/([^/]+)/' },
      to: { path: '^src/engine/[^/]+/', pathNot: '^src/engine/$1/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-development-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], pathNot: '^node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: '^node_modules/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import', 'require', 'default'] },
  },
};
