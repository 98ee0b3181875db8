// Loads a page's or layer's module when it is needed, its styles with it.
import { useEffect, useState } from 'preact/hooks';
import { html } from './html.js';
import { t } from './i18n.js';
import { Failure, Spinner } from './ui/parts.js';

const loaded = new Map();
const sheets = new Map();

function stylesheet(href) {
  if (!sheets.has(href))
    sheets.set(href, new Promise((resolve, reject) => {
      const link = document.createElement('link');
      Object.assign(link, { rel: 'stylesheet', href, onload: resolve, onerror: reject });
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

// A new build has other names for its files: then only the whole page can be had anew.
function Stale() {
  return html`<${Failure} error=${{ message: t('error.load') }} onRetry=${() => location.reload()} />`;
}

// The component of `loader`, with these props. A layer is `quiet`: nothing is in its place while
// it comes, and if it cannot come, onFail() tells.
export function Lazy({ loader, props, quiet = false, onFail }) {
  const [, arrived] = useState();
  const [failed, setFailed] = useState();
  useEffect(() => {
    if (loaded.has(loader)) return;
    load(loader).then(() => arrived(() => loader), () => (setFailed(() => loader), onFail?.()));
  }, [loader]);
  const Component = loaded.get(loader);
  if (Component) return html`<${Component} ...${props} />`;
  if (quiet) return null;
  return failed === loader ? html`<${Stale} />` : html`<${Spinner} />`;
}
