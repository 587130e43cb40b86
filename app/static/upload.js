// Runs once. Sends chosen and dropped files one by one, and says of each what became of it.
const said = (name, text) => {
  const line = document.createElement('li');
  line.textContent = `${name}: ${text}`; // text, never HTML: a name is anything
  element.querySelector('ul').append(line);
  return line;
};

const words = () => element.querySelector('.drop').dataset;

const send = async (file, replace = false) => {
  const folder = element.querySelector('select')?.value ?? '';
  const query = new URLSearchParams({ folder, replace });
  const line = said(file.name, words().sending);
  const answer = await fetch(`/uploads/${encodeURIComponent(file.name)}?${query}`, { method: 'PUT', body: file })
    .catch(() => null);
  const { said: outcome } = await answer?.json().catch(() => null) ?? { said: words().failed };
  line.textContent = `${file.name}: ${outcome} `;
  if (answer?.status !== 409) return;
  const again = document.createElement('button');
  again.type = 'submit';
  again.textContent = words().replace;
  again.onclick = () => { line.remove(); send(file, true); };
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
