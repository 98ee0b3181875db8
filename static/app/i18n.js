// Translations, in the language of the browser or the one chosen in the settings.
import { signal } from '@preact/signals';
import { prefs, setPref } from './prefs.js';

const tables = {
  en: () => import('./i18n/en.js'),
  zh: () => import('./i18n/zh.js'),
};

const texts = signal({});
export const lang = signal('en');
export const languages = { en: 'English', zh: '中文' };

function wanted() {
  if (prefs.lang in tables) return prefs.lang;
  const known = (navigator.languages ?? []).map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in tables);
  return known ?? 'en';
}

// t('comments', { n: 3 }): a translation is a string with {placeholders}, or a function of the values.
// If there is none, the name itself is returned.
export function t(name, values = {}) {
  const text = texts.value[name] ?? name;
  if (typeof text === 'function') return text(values);
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

// 12345 is "12K", or "1.2万".
export const count = (n) =>
  new Intl.NumberFormat(lang.value, { notation: 'compact', maximumFractionDigits: 1 }).format(n ?? 0);

async function use(tag) {
  texts.value = (await tables[tag]()).default;
  lang.value = tag;
  document.documentElement.lang = tag === 'zh' ? 'zh-CN' : 'en';
}

export async function setLanguage(tag) {
  await use(tag);
  setPref('lang', tag);
}

export const otherLanguage = () => (lang.value === 'zh' ? 'en' : 'zh');

export const startLanguage = () => use(wanted());
