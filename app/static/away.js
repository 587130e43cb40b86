// In the head. Gradio's calls go through here: when one does not get through, the page says so in its own language, see
// page.css. Gradio goes on trying by itself, and loads the page anew when the server is there again.
const call = window.fetch;
window.fetch = async (what, ...options) => {
  const isGradios = String(what?.url ?? what).includes('/gradio_api/');
  try {
    const answer = await call(what, ...options);
    if (isGradios) delete document.documentElement.dataset.away;
    return answer;
  } catch (error) {
    if (isGradios && error instanceof TypeError) document.documentElement.dataset.away = ''; // other errors: it was ended here
    throw error;
  }
};
