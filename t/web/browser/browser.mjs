// browser.mjs: Debian's chromium (or what BROWSER names), started so that it speaks to nobody but the
// server under test.
import { chromium } from 'playwright-core';

// A camera and a microphone that are made up, and allowed without a question.
export const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

export const launch = (...more) => chromium.launch({
  executablePath: process.env.BROWSER ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync', ...more],
});
