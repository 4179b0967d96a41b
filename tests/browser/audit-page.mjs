// Opens audit pages in a real browser and checks what a reader meets: that the page renders in light and dark, narrow and
// printed, that its links lead somewhere, that it runs no script and sends no request, that it can be used with a keyboard
// and a screen reader, and that no planted secret is in it.
//
//   node audit-page.mjs PAGE PROJECT [PICTURES]
//
// PAGE is the HTML file, PROJECT the folder it was made from, PICTURES a folder for screenshots. CHROMIUM names the browser.
import axe from 'axe-core';
import { readFileSync, readdirSync, statSync, writeFileSync, mkdtempSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';

const PRACTICES = 22;
const SECRET = /\b[ps]k_[A-Za-z0-9]{8,}/g;

const [file, project, pictures] = process.argv.slice(2);
if (!file || !project) {
  console.error('usage: node audit-page.mjs PAGE PROJECT [PICTURES]');
  process.exit(2);
}

function secretsIn(folder) {
  const found = new Set();
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) {
      for (const secret of secretsIn(path)) found.add(secret);
    } else {
      for (const [secret] of readFileSync(path, 'utf8').matchAll(SECRET)) found.add(secret);
    }
  }
  return found;
}

/** Everything that is wrong with a page. */
async function problems(browser, path, secrets, picture = async () => {}) {
  const wrong = [];
  const address = pathToFileURL(path).href;
  const page = await browser.newPage();
  page.on('console', (message) => ['error', 'warn'].includes(message.type()) && wrong.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => wrong.push(`script error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== address) wrong.push(`request: ${request.url()}`);
  });
  page.on('dialog', (dialog) => dialog.dismiss());

  await page.setViewport({ width: 1100, height: 900 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
  await page.goto(address, { waitUntil: 'load' });

  const seen = await page.evaluate(() => ({
    title: document.title,
    language: document.documentElement.lang,
    heading: document.querySelectorAll('h1').length,
    scripts: document.scripts.length,
    tiles: document.querySelectorAll('.tile').length,
    practices: document.querySelectorAll('.practice').length,
    ids: [...document.querySelectorAll('[id]')].map((one) => one.id),
    links: [...document.querySelectorAll('a[href]')].map((one) => one.getAttribute('href')),
    text: document.body.innerText,
    markup: document.documentElement.outerHTML,
  }));
  if (!seen.title || seen.language !== 'en' || seen.heading !== 1) wrong.push('no title, language or single heading');
  if (seen.scripts > 0) wrong.push(`${seen.scripts} scripts`);
  if (seen.tiles !== PRACTICES || seen.practices !== PRACTICES) wrong.push(`${seen.tiles} tiles, ${seen.practices} practices`);
  const ids = new Set(seen.ids);
  if (ids.size !== seen.ids.length) wrong.push('an id is given twice');
  for (const link of seen.links) {
    if (!link.startsWith('#')) wrong.push(`a link leaves the page: ${link}`);
    else if (!ids.has(link.slice(1))) wrong.push(`a link leads nowhere: ${link}`);
  }
  for (const secret of secrets) {
    if (seen.markup.includes(secret) || seen.text.includes(secret)) wrong.push('a planted secret is in the page');
  }

  // A tile leads to its practice.
  const target = await page.$eval('.tile.broken, .tile', (tile) => tile.getAttribute('href'));
  await page.click(`.tile[href="${target}"]`);
  await page.waitForFunction((hash) => location.hash === hash, { timeout: 2000 }, target).catch(() => wrong.push('a tile does nothing'));
  await new Promise((done) => setTimeout(done, 700));
  const inView = await page.$eval(target, (one) => {
    const box = one.getBoundingClientRect();
    return box.top >= -1 && box.top < innerHeight;
  });
  if (!inView) wrong.push('a tile does not bring its practice into view');

  // From the top, the first stop of the keyboard is the way past the head, and it shows itself.
  await page.goto(address, { waitUntil: 'load' });
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => {
    const one = document.activeElement;
    const box = one.getBoundingClientRect();
    return { href: one.getAttribute('href'), shown: box.left >= 0 && box.width > 10 };
  });
  if (first.href !== '#content' || !first.shown) wrong.push('the first stop of the keyboard is not a visible way to the content');

  // Text of the map stays in its boxes.
  const outside = await page.$$eval('svg g', (groups) =>
    groups.filter((group) => {
      const text = group.querySelector('text')?.getBBox();
      const box = group.querySelector('rect')?.getBBox();
      return text && box && (text.x < box.x || text.x + text.width > box.x + box.width + 0.5);
    }).length,
  );
  if (outside > 0) wrong.push(`text of ${outside} boxes of the map runs over`);

  const grounds = {};
  for (const scheme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    grounds[scheme] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    for (const width of [1100, 360]) {
      await page.setViewport({ width, height: 900 });
      const over = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
      if (over > 0) wrong.push(`${scheme}, ${width} wide: the page runs ${over} pixels over`);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      for (const one of violations) {
        wrong.push(`${scheme}, ${width} wide: ${one.id}: ${one.help} (${one.nodes[0].target.join(' ')})`);
      }
      await page.evaluate(() => scrollTo(0, 0));
      await picture(page, `${scheme}-${width}`);
    }
  }
  if (grounds.light === grounds.dark) wrong.push('dark looks like light');

  // On paper nothing stays folded.
  await page.evaluate(() => document.querySelectorAll('details').forEach((one) => one.removeAttribute('open')));
  await page.emulateMediaType('print');
  const printed = () =>
    matchMedia('print').matches &&
    [...document.querySelectorAll('details pre')].every((one) => one.checkVisibility({ contentVisibilityAuto: true }));
  await page.waitForFunction(printed, { timeout: 5000 }).catch(() => wrong.push('an excerpt that is folded is not printed'));
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  if (paper !== 'rgb(255, 255, 255)') wrong.push(`printed on ${paper}`);
  const pdf = await page.pdf({ format: 'A4' });
  if (pdf.length < 10_000) wrong.push('the printed page is empty');
  await picture(page, 'print', pdf);
  await page.close();
  return wrong;
}

const secrets = secretsIn(resolve(project));
if (secrets.size === 0) {
  console.error(`no secret is planted in ${project}: nothing would be tested`);
  process.exit(2);
}
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
try {
  if (pictures) mkdirSync(pictures, { recursive: true });
  const keep = async (page, name, pdf) => {
    if (!pictures) return;
    if (pdf) writeFileSync(join(pictures, `${name}.pdf`), pdf);
    else await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  };
  const wrong = await problems(browser, resolve(file), secrets, keep);

  // Checks that notice nothing would be worth nothing: each of these faults has to be seen.
  const whole = readFileSync(file, 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'audit-page-'));
  const faults = {
    'request:': whole.replace('</main>', '<img alt="" src="file:///nowhere.png"></main>').replace("default-src 'none'", "default-src * 'unsafe-inline'"),
    'script error': whole.replace('</main>', '<script>missing()</script></main>').replace("default-src 'none'", "default-src 'unsafe-inline'"),
    'leads nowhere': whole.replace('href="#map"', 'href="#lost"').replace('id="map"', 'id="chart"'),
    'planted secret': whole.replace('</main>', `<p>${[...secrets][0]}</p></main>`),
    'runs': whole.replace('</main>', '<p style="width:1400px">wide</p></main>'),
  };
  for (const [words, text] of Object.entries(faults)) {
    const path = join(folder, 'fault.html');
    writeFileSync(path, text);
    const seen = await problems(browser, path, secrets);
    if (!seen.some((one) => one.includes(words))) wrong.push(`a page with this fault passes: ${words}`);
  }
  wrong.forEach((one) => console.error(one));
  console.log(wrong.length === 0 ? `the page is fine (${secrets.size} planted secrets looked for)` : `${wrong.length} problems`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  await browser.close();
}
