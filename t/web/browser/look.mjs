// look.mjs: opens pages in Debian's chromium and writes screenshots for people to look at.
//
//   node look.mjs BASE OUT [PATH...]
//
// Each path in three sizes. Prints the messages of the console.
import { launch } from './browser.mjs';

const [base, out, ...paths] = process.argv.slice(2);
const sizes = { phone: [390, 844], desktop: [1440, 900], small: [320, 640] };
const browser = await launch();
for (const [name, [width, height]] of Object.entries(sizes)) {
  const touch = name !== 'desktop';
  const context = await browser.newContext({ viewport: { width, height }, hasTouch: touch, isMobile: touch, deviceScaleFactor: touch ? 2 : 1 });
  const page = await context.newPage();
  page.on('console', (message) => console.log(name, message.type(), message.text()));
  page.on('pageerror', (error) => console.log(name, 'exception', error.stack));
  for (const path of paths.length ? paths : ['/']) {
    await page.goto(base + path);
    await page.waitForTimeout(1500);
    await page.screenshot({ path: `${out}/${name}${path.replaceAll('/', '_')}.png` });
  }
  await context.close();
}
await browser.close();
