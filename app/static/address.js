// The browser shows what the page says its address is; nothing is loaded, and the way back stays as it was.
watch('value', () => history.replaceState(null, '', location.pathname + props.value + location.hash));
