// Runs once. Every button and form in the page's own HTML becomes the event that its name says, with its values.
const EVENTS = ['filter', 'clear', 'copy', 'retry', 'link'];

const fire = (name, values) => { if (EVENTS.includes(name)) trigger(name, values); };

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('button[name]');
  if (button?.type === 'button') fire(button.name, { value: button.value });
});
document.addEventListener('submit', (event) => {
  event.preventDefault();
  fire(event.target.getAttribute('name'), Object.fromEntries(new FormData(event.target)));
});
