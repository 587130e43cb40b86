// Brings the newest question to the top of the chat, so that its answer is read from the beginning.
() => requestAnimationFrame(() => {
  const question = [...document.querySelectorAll('#chat .user-row')].at(-1);
  const scroller = question?.closest('.panel-wrap');
  if (scroller) scroller.scrollTop += question.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
})
