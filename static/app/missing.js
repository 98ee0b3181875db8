// The page for unknown paths.
import { html } from './html.js';
import { t } from './i18n.js';
import { Link } from './router.js';
import { Empty } from './ui/parts.js';

export default function Missing() {
  return html`<${Empty} icon="compass" text=${t('missing.text')}>
    <${Link} class="button" href="/">${t('nav.feed')}<//>
  <//>`;
}
