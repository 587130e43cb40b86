// Runs once. Every button and form in the page's own HTML becomes the event that its name says, with its values.
const EVENTS = ['filter', 'clear', 'copy', 'retry', 'edit', 'link', 'show', 'new', 'find', 'open', 'rename', 'delete', 'restore', 'documents', 'remove',
  'bring', 'only', 'wrong', 'report', 'cancel', 'wait'];

let shower = null; // the button that opened a side

const fire = (name, values) => { if (EVENTS.includes(name)) trigger(name, values); };

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('button[name]');
  if (button?.type !== 'button') return;
  fire(button.name, { value: button.value });
  if (button.name !== 'show') return;
  if (button.value) shower = button;
  else shower?.focus(); // a side is closed: back to where it was opened
});
document.addEventListener('submit', (event) => {
  const name = event.target.getAttribute('name');
  if (!EVENTS.includes(name)) return; // the settings, which a reload brings into force
  event.preventDefault();
  fire(name, Object.fromEntries(new FormData(event.target, event.submitter)));
});
document.addEventListener('keydown', (event) => { // a question on its way holds back the events of the next one
  if (event.key !== 'Enter' || event.shiftKey || !event.target.closest?.('#question')) return;
  if (document.querySelector('#stop')?.checkVisibility()) fire('wait', {});
}, true);
