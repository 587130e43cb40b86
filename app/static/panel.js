// Runs once, when Gradio mounts the panel; Gradio supplies `element`, `trigger` and `watch`.
// A footnote is any link to "#src-...", wherever it is on the page: in an answer, in a list, in the panel.
const LISTS = '.bot-row, #passages'; // what shows the quotes of one answer
const footnoteAt = (node) => node?.closest?.('a[href^="#src-"]') ?? null;

let among = []; // the footnotes beside it, for "Previous" and "Next"
let opener = null; // the footnote whose source is open: where the focus returns
let pressed = null; // the footnote a finger or the mouse button is down on
let openedAt = 0;
let isWanted = false; // between the press that opens and the one that closes: what comes later must not take the focus

const markCurrent = (link) => {
  document.querySelectorAll('a[aria-current]').forEach((other) => other.removeAttribute('aria-current'));
  link?.setAttribute('aria-current', 'true');
};

const open = (link) => {
  openedAt = Date.now();
  const href = link.getAttribute('href');
  const list = opener?.link.closest(LISTS);
  if (!element.contains(link)) {
    opener = { link, href };
    among = [...link.closest(LISTS)?.querySelectorAll('a[href^="#src-"]') ?? []].map((one) => one.getAttribute('href'));
  } else if (among.includes(href)) opener = { link: list?.querySelector(`a[href="${CSS.escape(href)}"]`) ?? link, href };
  markCurrent(opener?.link ?? link);
  show(href);
};

const show = (href) => {
  isWanted = true;
  trigger('cite', { reference: href.slice(1), among: among.map((one) => one.slice(1)) });
};

// A link that was copied: the same place, at load or when it is put into the address of an open page, until "Back".
const showAddress = () => {
  if (location.hash.startsWith('#src-')) show(location.hash);
  else if (document.querySelector('#source-side.open')) close();
};
window.addEventListener('hashchange', showAddress);
showAddress();

const close = () => {
  isWanted = false;
  trigger('close', {});
  if (location.hash) history.replaceState(null, '', location.pathname + location.search);
  markCurrent(null);
  // the chat may have been drawn anew since, so fall back to the link with the same target, then to the question
  const again = opener ? [opener.link, `a[href="${CSS.escape(opener.href)}"]`] : [];
  window.landOn([...again, '#question textarea']);
};

// Press and release rather than click: an answer that is redrawn in between would swallow the click.
document.addEventListener('pointerdown', (event) => {
  const link = event.button === 0 ? footnoteAt(event.target) : null;
  pressed = link && { href: link.getAttribute('href'), x: event.clientX, y: event.clientY };
}, true);
document.addEventListener('pointerup', (event) => {
  const down = pressed;
  pressed = null;
  if (!down || Math.hypot(event.clientX - down.x, event.clientY - down.y) > 10) return; // a drag or a scroll
  const link = footnoteAt(document.elementFromPoint(event.clientX, event.clientY));
  if (link?.getAttribute('href') === down.href) open(link);
}, true);
document.addEventListener('click', (event) => { // the Enter key, which has no detail, and assistive technology
  const link = footnoteAt(event.target);
  if (!link) return;
  event.preventDefault();
  if (event.detail === 0 || Date.now() - openedAt > 600) open(link);
}, true);

element.addEventListener('click', (event) => { if (event.target.closest('.close')) close(); });
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  if (document.querySelector('#source-side.open')) close();
  else document.querySelector('.sidebar.open button[name=show]')?.click();
});

// Bring the quote (or the title, or the notice) into view and focus it, once the panel has slid in. A reader who is quicker
// and has gone to a link in it stays there.
const reveal = (tries = 20) => {
  const target = element.querySelector('mark') ?? element.querySelector('h2, .notice');
  if (!target || !isWanted) return;
  const place = () => target.scrollIntoView({ block: target.matches('mark') ? 'center' : 'start' });
  place();
  target.focus({ preventScroll: true });
  if (document.activeElement === target || tries === 0) setTimeout(place, 350);
  else setTimeout(() => { if (!element.contains(document.activeElement)) reveal(tries - 1); }, 50);
};
watch('value', () => reveal());
