// The browser shows what the page says its address is; nothing is loaded. Another conversation is a step that "Back" takes
// back: the page loads what the address then says.
const conversation = (query) => new URLSearchParams(query).get('conversation') ?? '';
watch('value', () => {
  const left = conversation(location.search);
  const isStep = left && left !== conversation(props.value);
  history[isStep ? 'pushState' : 'replaceState'](null, '', location.pathname + props.value + (isStep ? '' : location.hash));
});
window.addEventListener('popstate', () => { if (location.search !== props.value) location.reload(); });
