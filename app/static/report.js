// Runs once. A form that appears below what was pressed is brought into view.
watch('value', () => element.querySelector('select')?.focus());
