// In the head, before anything is drawn: light or dark and the language, as the settings say; else as the system says.
const [, language, scheme] = document.cookie.match(/footnoted_settings=([a-z]{2})\.(light|dark|system)\./) ?? [];
if (language) document.documentElement.lang = language;
if (scheme === 'light' || scheme === 'dark') {
  const apply = () => document.body?.classList.toggle('dark', scheme === 'dark');
  new MutationObserver(apply).observe(document.documentElement, { attributeFilter: ['class'], childList: true, subtree: true });
  apply();
}
