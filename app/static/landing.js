// In the head. What a reader presses is often drawn away by what it did, and the browser leaves the keyboard nowhere.
// `landOn` names the places where it goes then, the best first, until the reader presses something else.
let places = null; // selectors and elements
let pressed = null; // the button, and whose it was; null: the keyboard moves as soon as one of the places is there
let isLanding = false;

const isThere = (one) => one?.isConnected && !one.disabled && one.checkVisibility({ visibilityProperty: true });

const isLost = () => {
  const now = document.activeElement;
  return now === document.body || !isThere(now) || (now === pressed?.button && now.value !== pressed.value);
};

const land = () => {
  if (!places || (pressed && !isLost())) return;
  const all = places.flatMap((one) => typeof one === 'string' ? [...document.querySelectorAll(one)] : [one]);
  const place = all.find(isThere);
  if (!place) return;
  if (place.tabIndex < 0) place.tabIndex = -1; // a sentence or a heading
  isLanding = true;
  place.focus({ preventScroll: true });
  isLanding = false;
  place.scrollIntoView({ block: 'nearest' });
  pressed ??= {};
};

window.landOn = (wanted, button = null) => {
  places = wanted;
  pressed = button && { button, value: button.value };
  if (!button) land();
};

document.addEventListener('focusin', () => { if (!isLanding) places = null; }); // it went elsewhere already
for (const act of ['pointerdown', 'keydown']) document.addEventListener(act, () => { places = null; }, true);
let isDue = false;
const changes = { childList: true, subtree: true, attributeFilter: ['class', 'open', 'disabled', 'hidden', 'value'] };
new MutationObserver(() => {
  if (!places || isDue) return;
  isDue = true;
  requestAnimationFrame(() => { isDue = false; land(); }); // once for all that one picture changes
}).observe(document, changes);
