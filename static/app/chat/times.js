// Times of messages, formatted for the selected language.
import { lang, t } from '../i18n.js';

const DAY = 86400000;

const start = (time) => new Date(time).setHours(0, 0, 0, 0);

export const sameDay = (a, b) => start(a) === start(b);

const format = (time, how) => new Intl.DateTimeFormat(lang.value, how).format(new Date(time));

export const clock = (time) => format(time, { hour: 'numeric', minute: '2-digit' });

export function dayName(time) {
  const days = Math.round((start(Date.now()) - start(time)) / DAY);
  if (days === 0) return t('chat.today');
  if (days === 1) return t('chat.yesterday');
  if (days > 1 && days < 7) return format(time, { weekday: 'long' });
  return format(time, { year: 'numeric', month: 'long', day: 'numeric' });
}

// The short form, for lists.
export function shortTime(time) {
  const days = Math.round((start(Date.now()) - start(time)) / DAY);
  if (days <= 0) return clock(time);
  if (days < 7) return days === 1 ? t('chat.yesterday') : format(time, { weekday: 'short' });
  return format(time, { month: 'numeric', day: 'numeric' });
}
