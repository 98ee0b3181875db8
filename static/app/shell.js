// The frame of all pages: navigation, the feed (always mounted), the current page, layers, notices.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { computed } from '@preact/signals';
import { UnreadBadge } from './chat/badge.js';
import { unreachable } from './connection.js';
import { Feed, reloadFeed } from './feed/feed.js';
import { html } from './html.js';
import { languages, otherLanguage, setLanguage, t } from './i18n.js';
import { openLayer, stack } from './layers.js';
import { Lazy } from './lazy.js';
import { Link, page } from './router.js';
import { isAvailable, layers } from './routes.js';
import { me, session } from './session.js';
import { userSignal } from './store.js';
import { dismiss, notices, toast } from './ui/toast.js';
import { Icon } from './ui/icon.js';
import { Avatar } from './ui/parts.js';

function NavLink({ href, icon, text, testid, needsLogin }) {
  const ask = async (event) => {
    if (href === '/' && page.peek().name === 'feed' && !stack.peek().length) reloadFeed();
    if (!needsLogin || me.peek()) return;
    event.preventDefault();
    await openLayer('login');
    if (me.peek()) event.target.closest('a')?.click();
  };
  const here = page.value.path === href || page.value.path.startsWith(`${href}/`);
  return html`<${Link} class="nav-link" href=${href} data-testid=${testid} onClick=${ask} aria-current=${here ? 'page' : undefined}>
    <${Icon} name=${icon} /><span>${t(text)}</span>${testid === 'nav-messages' && html`<${UnreadBadge} />`}<//>`;
}

function Account() {
  const id = me.value;
  if (!id)
    return html`<button class="nav-link" data-testid="nav-login" onClick=${() => openLayer('login')}>
      <${Icon} name="user" /><span>${t('login')}</span></button>`;
  const user = userSignal(id).value;
  const href = isAvailable('profile') ? `/u/${id}` : '/settings';
  return html`<${Link} class="nav-link" href=${href} data-testid="nav-me" title=${user.name || session.value.name}>
    ${user.avatar ? html`<${Avatar} user=${user} size="tiny" />` : html`<${Icon} name="user" />`}
    <span>${t('nav.me')}</span><//>`;
}

export const LanguageSwitch = ({ label = false }) => html`<button class="nav-link language" data-testid="language"
  lang=${otherLanguage() === 'zh' ? 'zh-CN' : 'en'} onClick=${() => setLanguage(otherLanguage())}>
  <${Icon} name="globe" /><span>${label ? languages[otherLanguage()] : otherLanguage() === 'zh' ? '中文' : 'English'}</span></button>`;

const Navigation = () => html`<nav class="nav" aria-label=${t('nav.main')}>
  <${Link} class="brand" href="/"><img src="/web/icon.svg" alt="" width="32" height="32" />
    <b>dousheng</b><//>
  <${NavLink} href="/" icon="home" text="nav.feed" testid="nav-feed" />
  ${isAvailable('messages') && html`<${NavLink} href="/messages" icon="message" text="nav.messages" testid="nav-messages" needsLogin />`}
  ${isAvailable('publish') && html`<${NavLink} href="/publish" icon="plus" text="nav.publish" testid="nav-publish" needsLogin />`}
  <${Account} />
  <div class="nav-rest">
    <${NavLink} href="/settings" icon="gear" text="nav.settings" testid="nav-settings" />
    <${LanguageSwitch} />
  </div>
</nav>`;

// Pages other than the feed. A new page gets the focus, so that screen readers announce it.
function Page() {
  const { load, props, path } = page.value;
  const main = useRef();
  const first = useRef(true);
  useLayoutEffect(() => {
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [path]);
  if (!load) return null;
  return html`<main class="page" ref=${main} tabindex="-1" data-testid=${`page-${page.value.name}`}>
    <${Lazy} key=${path} loader=${load} props=${props} /></main>`;
}

function layerFailed(layer) {
  layer.close();
  toast(t('error.load'), 'bad', { label: t('retry'), run: () => location.reload() });
}

const Layers = () => stack.value.map((layer) => html`<${Lazy} key=${layer.id} loader=${layers[layer.name]} quiet
  onFail=${() => layerFailed(layer)} props=${{ ...layer.props, onClose: layer.close }} />`);

// While the server cannot be reached, one notice says so, and the same text of others is hidden.
const visibleNotices = computed(() => {
  if (!unreachable.value) return notices.value;
  const text = t('error.offline');
  return [{ id: 0, text, kind: 'bad' }, ...notices.value.filter((one) => one.text !== text)];
});

// Shown as a popover, so that notices are above modal dialogs.
function Notices() {
  const ref = useRef();
  useEffect(() => {
    if (!ref.current.showPopover) return;
    if (ref.current.matches(':popover-open')) ref.current.hidePopover();
    if (visibleNotices.value.length) ref.current.showPopover();
  }, [visibleNotices.value]);
  return html`<div class="notices" ref=${ref} popover="manual" data-testid="notices">
    ${visibleNotices.value.map((one) => html`<div key=${one.id} class=${`notice ${one.kind}`} data-testid="notice">
      <span>${one.text}</span>
      ${one.action && html`<button class="button small" onClick=${() => (dismiss(one), one.action.run())}>${one.action.label}</button>`}
      ${one.id > 0 && html`<button class="icon-button" aria-label=${t('close')} onClick=${() => dismiss(one)}><${Icon} name="close" /></button>`}
    </div>`)}
  </div>`;
}

const Announcer = () => html`<div class="unseen" role="status" aria-live="polite" data-testid="live">
  ${visibleNotices.value.map((one) => html`<p key=${one.id}>${one.text}</p>`)}</div>`;

// Sets the title of the tab to the page's name, if it has one.
function useTitle() {
  const { name, load } = page.value;
  useEffect(() => {
    const own = t(`nav.${name}`);
    document.title = load && own !== `nav.${name}` ? `${own} · dousheng` : 'dousheng 抖声';
  });
}

export function Shell() {
  useTitle();
  return html`
  <a class="skip" href="#content">${t('skip')}</a>
  <${Navigation} />
  <div class="content" id="content">
    <${Feed} shown=${!page.value.load} />
    <${Page} />
  </div>
  <${Layers} /><${Notices} /><${Announcer} />`;
}
