// Runs once. Sends chosen and dropped files one by one, and says of each what became of it.
const words = () => element.querySelector('.drop').dataset;

// Beside what the server draws, which would draw over it.
const sent = document.createElement('div');
const log = document.createElement('div');
const lines = document.createElement('ul');
const clear = document.createElement('button');
sent.className = 'sent';
lines.className = 'names';
log.tabIndex = 0; // a long list is scrolled
log.setAttribute('role', 'log');
log.append(lines);
clear.type = 'submit';
sent.append(log, clear);
element.after(sent);

const show = () => {
  sent.hidden = !lines.children.length;
  clear.textContent = words().clear;
  log.setAttribute('aria-label', words().list);
};
const takeAway = (which) => { lines.querySelectorAll(which).forEach((line) => line.remove()); show(); };
clear.onclick = () => { window.landOn(['#upload-files'], clear); takeAway('li:not(.sending)'); };
watch('value', () => takeAway('.added')); // another generation: what they say is done
sent.hidden = true;

const said = (name, text) => {
  const line = document.createElement('li');
  line.textContent = `${name}: ${text}`; // text, never HTML: a name is anything
  line.className = 'sending';
  lines.append(line);
  show();
  log.scrollTop = log.scrollHeight;
  return line;
};

const send = async (file, replace = false) => {
  const folder = element.querySelector('select')?.value ?? '';
  const query = new URLSearchParams({ folder, replace });
  const line = said(file.name, words().sending);
  const answer = await fetch(`/uploads/${encodeURIComponent(file.name)}?${query}`, { method: 'PUT', body: file })
    .catch(() => null);
  const { said: outcome } = await answer?.json().catch(() => null) ?? { said: words().failed };
  line.textContent = `${file.name}: ${outcome} `;
  line.className = answer?.ok ? 'added' : '';
  if (answer?.status !== 409) return;
  const again = document.createElement('button');
  again.type = 'submit';
  again.textContent = words().replace;
  again.onclick = () => { window.landOn(['#upload-files'], again); line.remove(); send(file, true); };
  line.append(again);
};

const sendAll = async (files) => { for (const file of files) await send(file); };

element.addEventListener('change', (event) => {
  if (event.target.type !== 'file') return;
  sendAll([...event.target.files]);
  event.target.value = ''; // so that the same file can be chosen again
});
element.addEventListener('dragover', (event) => event.preventDefault());
element.addEventListener('drop', (event) => { event.preventDefault(); sendAll([...event.dataTransfer.files]); });
