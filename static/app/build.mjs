// Builds the web client: static/app into build/web.
//
// Files with a content hash in their names go to build/web/web; nginx serves them as /web/NAME,
// cacheable for ever. All others are served at the root. Text files also get a .gz copy for nginx's
// gzip_static.
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.resolve(process.argv[2] ?? path.join(here, '../../build/web'));
const out = `${target}.new`;
const web = path.join(out, 'web');
const module = (name) => path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  legalComments: 'none',
  target: ['chrome100', 'firefox100', 'safari15.4'],
  logLevel: 'warning',
  metafile: true,
};

// import href from 'css:./name.css': the URL of a stylesheet that is loaded on demand.
const styles = {
  name: 'styles',
  setup(build) {
    build.onResolve({ filter: /^css:/ }, (args) => ({
      path: path.join(args.resolveDir, args.path.slice(4)), namespace: 'styles',
    }));
    build.onLoad({ filter: /.*/, namespace: 'styles' }, async (args) => {
      const built = await esbuild.build({ ...common, entryPoints: [args.path], write: false });
      return { contents: built.outputFiles[0].contents, loader: 'file', watchFiles: [args.path] };
    });
  },
};

// Makes each lazily loaded module import main.js. Then esbuild puts everything that main.js uses into
// one chunk; otherwise each set of modules shared by some entries would become a chunk of its own.
const later = {
  name: 'later',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, (args) => {
      const file = path.join(args.resolveDir, args.path);
      return args.kind === 'dynamic-import' && !file.includes('/i18n/') ? { path: file, namespace: 'later' } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace: 'later' }, async ({ path: file }) => {
      const names = (await readFile(file, 'utf8')).includes('export default') ? '*, default' : '*';
      const lines = names.split(', ').map((one) => `export ${one === '*' ? '*' : '{ default }'} from ${JSON.stringify(file)};`);
      return { contents: [`import ${JSON.stringify(path.join(here, 'main.js'))};`, ...lines].join('\n'), resolveDir: here };
    });
  },
};

// Bundles these entries. Returns { 'main.js': { url: '/web/main-HASH.js', needs: [url, ...] }, ... }.
async function bundle(entries, options = {}) {
  const built = await esbuild.build({
    ...common,
    entryPoints: entries,
    outdir: web,
    publicPath: '/web/',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    format: 'esm',
    splitting: true,
    external: ['/web/*', '/static/*'],
    plugins: [styles, later],
    ...options,
  });
  const made = {};
  for (const [file, { entryPoint, imports }] of Object.entries(built.metafile.outputs)) {
    if (!entryPoint) continue;
    const name = path.relative(path.join(here, '.'), path.resolve(here, entryPoint));
    const url = (output) => `/web/${path.relative(web, path.resolve(here, output))}`;
    made[name] = { url: url(file), needs: imports.filter((one) => one.kind === 'import-statement').map((one) => url(one.path)) };
  }
  return made;
}

// Writes a page: {{main.js}} becomes the URL of that entry, {{needs main.js}} preloads of its imports.
async function page(name, made) {
  const text = await readFile(path.join(here, name), 'utf8');
  const filled = text.replace(/\{\{(needs )?([^}]+)\}\}/g, (whole, needs, entry) => {
    if (!made[entry]) throw new Error(`${name}: there is no ${entry}`);
    if (!needs) return made[entry].url;
    return made[entry].needs.map((url) => `<link rel="modulepreload" href="${url}">`).join('\n');
  });
  await writeFile(path.join(out, name), filled);
}

// Copies swagger-ui, which is already bundled, with a content hash in the file names.
async function viewer() {
  const made = {};
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
    const bytes = await readFile(path.join(module('swagger-ui-dist'), name));
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8).toUpperCase();
    const file = name.replace('.', `-${hash}.`);
    await writeFile(path.join(web, file), bytes);
    made[name] = { url: `/web/${file}`, needs: [] };
  }
  return made;
}

async function compress(dir) {
  for (const entry of await readdir(dir, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !/\.(js|css|html|svg|webmanifest)$/.test(entry.name)) continue;
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    await writeFile(`${file}.gz`, gzipSync(await readFile(file), { level: 9 }));
  }
}

await rm(out, { recursive: true, force: true });
await mkdir(web, { recursive: true });
await cp(path.join(here, 'icons'), web, { recursive: true });
const made = { ...(await bundle(['main.js', 'base.css', 'docs.js', 'docs.css', 'offline.css'])), ...(await viewer()) };
for (const name of ['index.html', 'docs.html', 'offline.html']) await page(name, made);
await cp(path.join(here, 'manifest.webmanifest'), path.join(out, 'manifest.webmanifest'));
await esbuild.build({ ...common, entryPoints: ['sw.js'], outfile: path.join(out, 'sw.js'), format: 'iife',
  define: { OFFLINE: JSON.stringify(['/offline.html', made['offline.css'].url, '/web/icon.svg']) } });
await compress(out);
await rm(target, { recursive: true, force: true });
await rename(out, target);
