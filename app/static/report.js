// Runs once. A form that appears below what was pressed is brought into view.
watch('value', () => {
  // its fields are kept from one form to the next, with what was typed there: it is what this one came with that counts
  element.querySelector('form')?.reset();
  element.querySelector('section')?.scrollIntoView({ block: 'nearest' }); // the whole of it, not the first field alone
  element.querySelector('select')?.focus({ preventScroll: true });
});
