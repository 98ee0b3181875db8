// Sizes, durations and speeds, formatted for the selected language.
import { lang, t } from '../i18n.js';

const MB = 1024 * 1024;

const unit = (value, name, digits = 0) => new Intl.NumberFormat(lang.value,
  { style: 'unit', unit: name, maximumFractionDigits: digits }).format(value);

// `digits`: number of fraction digits; chosen by the value if omitted.
export function size(bytes, digits) {
  if (bytes < 1024) return named(bytes, 'byte');
  if (bytes < MB) return unit(bytes / 1024, 'kilobyte', digits);
  return unit(bytes / MB, 'megabyte', digits ?? (bytes < 10 * MB ? 1 : 0));
}

export const speed = (bytes) => t('publish.speed', { size: size(Math.round(bytes)) });

export const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

const named = (value, name) => new Intl.NumberFormat(lang.value,
  { style: 'unit', unit: name, unitDisplay: 'long', maximumFractionDigits: 0 }).format(value);

export const duration = (seconds) =>
  seconds < 90 ? named(seconds, 'second') : named(Math.round(seconds / 60), 'minute');

// Not rounded, for limits: 100 seconds are not two minutes.
export const exactDuration = (seconds) =>
  seconds % 60 ? named(seconds, 'second') : named(seconds / 60, 'minute');
