// browser.mjs: Debian's chromium (or BROWSER), started so that it connects only to the server under test.
import { chromium } from 'playwright-core';

// A fake camera and microphone, allowed without a prompt.
export const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

export const launch = (...more) => chromium.launch({
  executablePath: process.env.BROWSER ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync', ...more],
});
