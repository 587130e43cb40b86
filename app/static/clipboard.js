// Runs once. Copies the text that came, then says so.
watch('value', async () => {
  const text = element.querySelector('textarea');
  const said = element.querySelector('[role=status]');
  if (!text) return;
  // the field is kept from one text to the next; once its value was set, what is written into it changes that no more
  const words = 'link' in text.dataset ? new URL(text.textContent, location.origin).href : text.textContent;
  try {
    await navigator.clipboard.writeText(words);
  } catch { // plain http from another machine, where browsers offer the old way only
    text.value = words;
    text.hidden = false;
    text.select();
    document.execCommand('copy');
    text.hidden = true;
  }
  said.hidden = false;
});
