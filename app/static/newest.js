// Brings the newest question to the top of the chat, so that its answer is read from the beginning; while the answer
// grows, too, until the reader scrolls or presses something there.
() => requestAnimationFrame(() => {
  const questions = document.querySelectorAll('#chat .user-row');
  const newest = questions[questions.length - 1];
  const scroller = newest?.closest('.panel-wrap');
  if (!scroller) return;
  const which = `${questions.length} ${newest.textContent}`;
  scroller.onwheel = scroller.ontouchmove = scroller.onpointerdown = scroller.onkeydown = () => { scroller.dataset.left = which; };
  if (scroller.dataset.left === which) return;
  scroller.scrollTop += newest.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
})
