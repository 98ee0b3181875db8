// Loads the module and stylesheet of a page or layer on demand.
import { useEffect, useState } from 'preact/hooks';
import { OFFLINE } from './api.js';
import { checkServer } from './connection.js';
import { html } from './html.js';
import { t } from './i18n.js';
import { Failure, Spinner } from './ui/parts.js';

const RELOADED = 'dousheng.reloaded';
const ONCE_MS = 60000;

const loaded = new Map();
const sheets = new Map();

function stylesheet(href) {
  if (!sheets.has(href))
    sheets.set(href, new Promise((resolve, reject) => {
      const link = document.createElement('link');
      const fail = () => (link.remove(), sheets.delete(href), reject());
      Object.assign(link, { rel: 'stylesheet', href, onload: resolve, onerror: fail });
      document.head.append(link);
    }));
  return sheets.get(href);
}

async function load(loader) {
  const module = await loader();
  if (module.styles) await stylesheet(module.styles);
  loaded.set(loader, module.default);
  return module.default;
}

// After an upgrade of the server the module's file name has changed, and some browsers never retry a
// failed import. Reloading the page helps; at most once a minute, to avoid a reload loop.
function mayReload() {
  const now = Date.now();
  if (now - Number(sessionStorage.getItem(RELOADED)) < ONCE_MS) return false;
  sessionStorage.setItem(RELOADED, now);
  return true;
}

const loadError = () => ({ code: OFFLINE, get message() { return t('error.load'); } });

// Renders the component of `loader` with these props. quiet (for layers): no spinner while loading, and
// onFail() instead of an error message.
export function Lazy({ loader, props, quiet = false, onFail }) {
  const [, arrived] = useState();
  const [failure, setFailure] = useState();
  const show = () => load(loader).then(() => arrived(() => loader));
  useEffect(() => {
    if (!loaded.has(loader)) show().catch(() => (checkServer(), setFailure(loadError()), onFail?.()));
  }, [loader]);
  const retry = () => show().catch(async () => ((await checkServer()) && mayReload() ? location.reload() : setFailure(loadError())));
  const Component = loaded.get(loader);
  if (Component) return html`<${Component} ...${props} />`;
  if (quiet) return null;
  return failure ? html`<${Failure} error=${failure} onRetry=${retry} />` : html`<${Spinner} />`;
}
