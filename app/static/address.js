// The browser shows what the page says its address is; nothing is loaded. Another conversation is a step that "Back" takes
// back: the page loads what the address then says.
const conversation = (query) => new URLSearchParams(query).get('conversation') ?? '';
let shown = ''; // the conversation of the last address that the page said
let isLeaving = false;
watch('value', () => {
  if (isLeaving) return; // what comes late belongs to the address that was left
  const now = conversation(props.value);
  const isStep = shown && shown !== now;
  history[isStep ? 'pushState' : 'replaceState'](null, '', location.pathname + props.value + (isStep ? '' : location.hash));
  shown = now;
});
window.addEventListener('popstate', () => {
  if (conversation(location.search) === shown) return; // a footnote
  isLeaving = true;
  location.reload();
});
