// Runs once. Every button and form in the page's own HTML becomes the event that its name says, with its values.
const EVENTS = ['ask', 'filter', 'clear', 'copy', 'retry', 'edit', 'link', 'show', 'new', 'find', 'open', 'rename', 'delete', 'restore', 'documents', 'remove',
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

// A question is what stood in the field when it was sent. It stays there until the page has it, and then leaves what was
// typed behind it.
const asked = [];
const ask = (value, number) => {
  if (document.querySelector('#stop')?.checkVisibility()) fire('wait', {});
  else fire('ask', { value, number });
};
const askField = () => {
  const { value } = document.querySelector(QUESTION);
  ask(value, asked.push(value) - 1);
};
watch('value', () => {
  const field = document.querySelector(QUESTION), words = asked[props.value];
  if (!words || !field.value.startsWith(words)) return;
  field.setRangeText('', 0, words.length, 'preserve');
  field.dispatchEvent(new Event('input', { bubbles: true }));
});

// What was said of the last thing done is no longer so when the next is done.
const forget = () => document.querySelectorAll(':is(#hint, #clipboard, #report) p[role=status]').forEach((one) => { one.hidden = true; });

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || !event.target.matches?.(QUESTION)) return;
  forget();
  askField();
});
document.addEventListener('click', (event) => {
  if (event.target.closest?.('button, a')) forget();
  const button = event.target.closest?.('button');
  if (!button) return;
  const name = button.name || button.id || button.parentElement.id;
  if (button.type === 'submit' && button.form) return; // see below
  landAfter(name, button, button.value || button.form?.elements.turn?.value);
  if (name === 'send') askField();
  if (name === 'examples') ask(button.textContent);
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
