// What users say about themselves. Who has said nothing has the server's text (its setting
// default_signature), which at first is this one: it is shown in the reader's language.
import { t } from '../i18n.js';

const NONE = '这个人很懒，什么都没有留下';

export const signatureOf = ({ signature }) => (signature === NONE ? t('profile.silent') : signature);
