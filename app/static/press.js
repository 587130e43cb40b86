// Runs once. Every button and form in the page's own HTML becomes the event that its name says, with its values.
const EVENTS = ['filter', 'clear', 'copy', 'retry', 'edit', 'link', 'show', 'new', 'find', 'open', 'rename', 'delete', 'restore', 'documents', 'remove',
  'bring', 'only', 'wrong', 'report', 'cancel', 'wait'];
const QUESTION = '#question textarea';

// Where the keyboard goes when the pressed button is drawn away: by its name, or by its id where it is Gradio's.
const PLACES = {
  filter: () => ['#filters [aria-invalid]', '#filters summary'],
  clear: () => ['#filters summary'],
  only: () => ['#filters button[name=clear]'],
  retry: (id) => [`.turn button[name=retry][value="${id}"]`, QUESTION],
  new: () => [QUESTION],
  open: () => [QUESTION],
  find: () => ['#find-words'],
  rename: (id) => [`button[name=open][value="${id}"]`, '#find-words'],
  delete: () => ['button[name=restore]', '#find-words'],
  restore: (id) => [`button[name=open][value="${id}"]`, '#find-words'],
  documents: () => ['#documents .pages button', '#documents-words'],
  remove: (id) => ['#documents .banner[role=alert]', `#document-${id} button[name=bring]`, '#documents .gone button'],
  bring: (id, row) => ['#documents .banner[role=alert]', '#documents .unknown', row ? `#${row} summary` : '#documents .gone button', '#documents-words'],
  report: (id) => ['#report [role=alert]', `.turn button[name=wrong][value="${id}"]`, QUESTION],
  cancel: (id) => [`.turn button[name=wrong][value="${id}"]`, QUESTION],
  stop: () => [QUESTION],
  send: () => [QUESTION],
  examples: () => [QUESTION],
  rebuild: () => ['#rebuilt'],
};

let shower = null; // the button that opened a side

const landAfter = (name, button, id) => {
  const places = PLACES[name]?.(CSS.escape(id ?? ''), button?.closest('.rows > li')?.id);
  if (places) window.landOn(places, button);
};

const fire = (name, values) => { if (EVENTS.includes(name)) trigger(name, values); };

const show = (button) => {
  if (button.value) shower = button;
  if (shower) window.landOn(button.value ? [`#${button.value}-side.open h2`] : [shower]); // closed: back to where it was opened
};

// What was said of the last thing done is no longer so when the next is done.
const forget = () => document.querySelectorAll(':is(#hint, #clipboard, #report) p[role=status]').forEach((one) => { one.hidden = true; });

document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && event.target.matches?.(QUESTION)) forget();
});
document.addEventListener('click', (event) => {
  if (event.target.closest?.('button, a')) forget();
  const button = event.target.closest?.('button');
  if (!button) return;
  const name = button.name || button.id || button.parentElement.id;
  if (button.type === 'submit' && button.form) return; // see below
  landAfter(name, button, button.value || button.form?.elements.turn?.value);
  if (!button.name) return;
  fire(name, { value: button.value });
  if (name === 'show') show(button);
  const isCovered = window.matchMedia('(max-width: 768px)').matches; // as in page.css
  if (name === 'only' && isCovered) fire('show', { value: '' });
});
document.addEventListener('submit', (event) => {
  const name = event.target.getAttribute('name');
  if (!EVENTS.includes(name)) return; // the settings, which a reload brings into force
  event.preventDefault();
  const values = Object.fromEntries(new FormData(event.target, event.submitter));
  landAfter(name, event.submitter, values.id ?? values.turn);
  fire(name, values);
});
document.addEventListener('keydown', (event) => { // a question on its way holds back the events of the next one
  if (event.key !== 'Enter' || event.shiftKey || !event.target.closest?.('#question')) return;
  if (document.querySelector('#stop')?.checkVisibility()) fire('wait', {});
}, true);
