// The web client of dousheng: the entry of the bundle.
//
// Where things are
//   main.js           starts: language, session, feed, shell
//   routes.js         every page (by path) and every layer (drawer, dialog; by name), one line each
//   router.js         the address bar: navigate(), <Link>, page
//   connection.js     is there a way to the server? what waits for it
//   api.js            get(), post(): the base object, typed errors, token, asking to log in again
//   session.js        the logged-in user and their token
//   auth.js           login, logout, and the check of a stored token
//   store.js          users and videos as signals, one for each id; like(), follow()
//   i18n.js, i18n/    t('name', values), and one table of texts for each language
//   layers.js         openLayer(), closeLayer(): what lies over the page; back and Escape close it
//   ui/               parts that pages are made of: Drawer, Dialog, Avatar, Icon, toast() ...
//   shell.js          what surrounds a page: navigation, layers, notices
//   feed/             the vertical feed          account/   log in, register, settings
//   profile/          users, their works and likes, whom they know
//   comments/         the drawer over the feed   chat/      friends and conversations
//   publish/          choosing, recording, and uploads that survive what may happen to them
//   base.css          variables, and what all pages share; each part has its own .css beside it
//
// To add a page
//   1. A module with a default export, a component: it gets what its path captured as props.
//   2. If it has styles: name.css beside it, and  import css from 'css:./name.css';  then
//      export const styles = css;  They are loaded before the component is shown.
//   3. A line in routes.js. If its path is new: also in nginx/dousheng.conf.in, so that it
//      survives a reload.
//   4. Its texts in i18n/en.js and i18n/zh.js.
// A layer is the same, but listed in `layers`, and opened with openLayer('name', props), whose
// promise has what the layer gave to its close().
//
// Conventions: html`` of htm makes elements. What people wrote is only ever a child or an
// attribute value, and never HTML. State that more than one component needs is a signal.
// Failures of actions are told by toast(); those of a page by <Failure>. What tests and
// assistive technology need is in the elements: data-testid, aria-*, data-index.
import { render } from 'preact';
import { startSession } from './auth.js';
import { startFeed } from './feed/source.js';
import { html } from './html.js';
import { startLanguage } from './i18n.js';
import { startRouter } from './router.js';
import { pages } from './routes.js';
import { Shell } from './shell.js';
import { watchPictures } from './ui/pictures.js';

startFeed();
startRouter(pages);
watchPictures();
await startLanguage();
render(html`<${Shell} />`, document.getElementById('app'));
startSession();

// When there is nothing more urgent. Without it there is no offline page, and all else works.
const idle = window.requestIdleCallback ?? setTimeout;
idle(() => navigator.serviceWorker?.register('/sw.js').catch(() => {}));
