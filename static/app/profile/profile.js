// The profile page: a user's data, works, likes, following, followers and friends.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get } from '../api.js';
import { html } from '../html.js';
import { count, t } from '../i18n.js';
import { Link } from '../router.js';
import { askLogin, me, session } from '../session.js';
import { keepUser, now, userSignal } from '../store.js';
import { Icon } from '../ui/icon.js';
import { Avatar, Failure, FollowButton, Spinner } from '../ui/parts.js';
import { Grid } from './grid.js';
import { listOf } from './lists.js';
import { People } from './people.js';
import { signatureOf } from './signature.js';
import css from 'css:./profile.css';

export const styles = css;

const PEOPLE = ['following', 'followers', 'friends'];

// Scroll positions by page.
const scrollPositions = new Map();

function Figures({ user }) {
  const figures = [
    ['following', 'following', user.follow_count],
    ['followers', 'followers', user.follower_count],
    ['friends', 'friends', null],
  ];
  return html`<ul class="figures">
    ${figures.map(([path, name, n]) => html`<li key=${name}><${Link} href=${`/u/${user.id}/${path}`} data-testid=${`to-${name}`}>
      ${n !== null && html`<b data-testid=${`count-${name}`}>${count(n)}</b>`} <span>${t(`figure.${name}`, { n })}</span><//></li>`)}
    <li><b data-testid="count-liked">${count(user.total_favorited)}</b> <span>${t('figure.liked', { n: user.total_favorited })}</span></li>
  </ul>`;
}

function Actions({ user }) {
  if (user.id === me.value)
    return html`<${Link} class="button" href="/settings" data-testid="profile-settings"><${Icon} name="gear" />${t('nav.settings')}<//>
      <${Link} class="button" href="/publish" data-testid="profile-publish"><${Icon} name="plus" />${t('nav.publish')}<//>`;
  const ask = async (event) => {
    if (me.peek()) return;
    event.preventDefault();
    const link = event.currentTarget;
    if (await askLogin()) link.click();
  };
  return html`<${FollowButton} id=${user.id} />
    <${Link} class="button" href=${`/messages/${user.id}`} data-testid="profile-message" onClick=${ask}>
      <${Icon} name="message" />${t('profile.message')}<//>`;
}

function Head({ user }) {
  return html`<header class="profile-head">
    <img class="profile-banner" src=${user.background_image} alt="" />
    <div class="profile-who">
      <${Avatar} user=${user} size="large" />
      <div class="profile-name"><h1 class="user-text" data-testid="profile-name">${user.name}</h1>
        <p class="soft user-text" data-testid="profile-signature">${signatureOf(user)}</p></div>
    </div>
    <${Figures} user=${user} />
    <div class="profile-actions"><${Actions} user=${user} /></div>
  </header>`;
}

const Tabs = ({ user }) => html`<nav class="tabs" aria-label=${t('profile.videos')}>
  <${Link} href=${`/u/${user.id}`} data-testid="tab-works">${t('profile.works')} <span class="soft">${count(user.work_count)}</span><//>
  <${Link} href=${`/u/${user.id}/likes`} data-testid="tab-likes">${t('profile.likes')} <span class="soft">${count(user.favorite_count)}</span><//>
</nav>`;

function PeopleHead({ user, tab }) {
  return html`<header class="people-head">
    <${Link} class="icon-button" href=${`/u/${user.id}`} aria-label=${t('profile.back', { name: user.name })} data-testid="people-back">
      <${Icon} name="back" /><//>
    <h1 class="user-text">${user.name}</h1>
    <nav class="tabs" aria-label=${t('profile.people')}>
      ${PEOPLE.map((one) => html`<${Link} key=${one} href=${`/u/${user.id}/${one}`} data-testid=${`tab-${one}`}
        aria-current=${one === tab ? 'page' : undefined}>${t(`profile.${one}`)}<//>`)}
    </nav>
  </header>`;
}

// Loads the profile's user, on each visit.
function useUser(id) {
  const [error, setError] = useState(null);
  const fetchUser = async () => {
    setError(null);
    const asked = now();
    try {
      keepUser((await get('/user/', { user_id: id })).user, asked);
    } catch (failure) {
      setError(failure);
    }
  };
  useEffect(() => void fetchUser(), [id, me.value]);
  return [userSignal(id).value, error, fetchUser];
}

function useList(name, id) {
  const viewer = session.value.id;
  const list = useMemo(() => listOf(name, id), [name, id, viewer]);
  useEffect(() => void list.refresh(), [list, me.value]);
  return list;
}

// Restores the scroll position of a list that was visited before.
function useScrollRestore(ref, key) {
  useLayoutEffect(() => {
    const page = ref.current?.closest('.page');
    if (!page) return;
    page.scrollTop = scrollPositions.get(key) ?? 0;
    const note = () => scrollPositions.set(key, page.scrollTop);
    page.addEventListener('scroll', note, { passive: true });
    return () => page.removeEventListener('scroll', note);
  }, [key, Boolean(ref.current)]);
}

export default function Profile({ user: text, tab = 'works' }) {
  const id = Number(text);
  const ref = useRef();
  const [user, error, again] = useUser(id);
  const list = useList(tab, id);
  useScrollRestore(ref, `${id} ${tab}`);
  const shown = Boolean(user.avatar);
  return html`<div class="profile" ref=${ref} data-testid="profile" data-user-id=${id}>
    ${!shown && (error ? html`<${Failure} error=${error} onRetry=${again} />` : html`<${Spinner} />`)}
    ${shown && (PEOPLE.includes(tab)
      ? html`<${PeopleHead} user=${user} tab=${tab} /><${People} list=${list} tab=${tab} />`
      : html`<${Head} user=${user} /><${Tabs} user=${user} /><${Grid} list=${list} user=${user} tab=${tab} />`)}
  </div>`;
}
