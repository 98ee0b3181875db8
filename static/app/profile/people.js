// A list of users: following, followers, or friends.
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Link } from '../router.js';
import { userSignal } from '../store.js';
import { More } from '../ui/paged.js';
import { Avatar, Empty, FollowButton } from '../ui/parts.js';
import { signatureOf } from './signature.js';

function Person({ id }) {
  const user = userSignal(id).value;
  return html`<li class="person" data-testid="person" data-user-id=${id}>
    <${Link} class="person-link" href=${`/u/${id}`}>
      <${Avatar} user=${user} />
      <span class="person-text"><b class="user-text">${user.name}</b>
        <span class="soft person-signature">${signatureOf(user)}</span></span><//>
    <${FollowButton} id=${id} small />
  </li>`;
}

export function People({ list, tab }) {
  const people = list.items.value;
  return html`${!people.length && list.state.value === 'end' && html`<${Empty} icon="users" text=${t(`profile.no.${tab}`)} />`}
    <ul class="people" data-testid="people">${people.map((one) => html`<${Person} key=${one.id} id=${one.id} />`)}</ul>
    <${More} list=${list} />`;
}
