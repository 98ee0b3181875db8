// A user's signature. The server's initial default_signature is translated to the reader's language.
import { t } from '../i18n.js';

const NONE = '这个人很懒，什么都没有留下';

export const signatureOf = ({ signature }) => (signature === NONE ? t('profile.silent') : signature);
