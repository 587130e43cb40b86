// Runs once. Copies the text that came, then says so.
watch('value', async () => {
  const text = element.querySelector('textarea');
  const said = element.querySelector('[role=status]');
  if (!text) return;
  if ('link' in text.dataset) text.value = new URL(text.value, location.origin).href;
  try {
    await navigator.clipboard.writeText(text.value);
  } catch { // plain http from another machine, where browsers offer the old way only
    text.hidden = false;
    text.select();
    document.execCommand('copy');
    text.hidden = true;
  }
  said.hidden = false;
});
