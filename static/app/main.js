// The web client of dousheng: the entry of the bundle.
//
// Modules. They import each other without cycles; make lint checks it.
//   main.js           starts language, session, feed and shell
//   routes.js         every page (by path) and every layer (drawer or dialog, by name), one line each
//   router.js         the address bar: navigate(), <Link>, page
//   connection.js     whether the server can be reached, and waiting until it can
//   api.js            get(), post(): status codes, typed errors, token, login dialog on demand
//   session.js        the logged-in user and their token
//   auth.js           login, logout, and the check of a stored token
//   store.js          users and videos as signals, one per id; setLike(), setFollow()
//   i18n.js, i18n/    t('name', values), and one table of texts per language
//   layers.js         openLayer(): the stack of drawers and dialogs; back and Escape close them
//   ui/               components that pages share: Drawer, Dialog, Avatar, Icon, toast() ...
//   shell.js          the frame of all pages: navigation, layers, notices
//   feed/             the vertical feed
//   profile/          a user's profile, works, likes, following, followers, friends
//   comments/         the comments drawer
//   chat/             inbox and conversations
//   publish/          choosing or recording a video, and resumable uploads
//   account/          login, registration, settings
//   base.css          variables and shared styles; each component has its own .css beside it
//
// To add a page
//   1. Write a module whose default export is a component. The named groups of its path are its props.
//   2. For styles: add name.css beside it, and  import css from 'css:./name.css';  then
//      export const styles = css;  They are loaded before the component is shown.
//   3. Add a line to routes.js. If its path is new, also to nginx/dousheng.conf.in: nginx must answer
//      it with index.html.
//   4. Add its texts to i18n/en.js and i18n/zh.js.
// A layer is the same, but listed in `layers`, and opened with openLayer('name', props), which resolves
// to the argument of the layer's onClose().
//
// Conventions: elements are made with html`` (htm). User input is only ever a child or an attribute
// value, never HTML. State that several components need is a signal. Failed actions show a toast(),
// failed pages a <Failure>. Tests find elements by data-testid, aria-* and data-index.
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

// When the browser is idle. If it fails, only the offline page is missing.
const idle = window.requestIdleCallback ?? setTimeout;
idle(() => navigator.serviceWorker?.register('/sw.js').catch(() => {}));
