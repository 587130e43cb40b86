// The question to edit is in its field: that is where the keyboard goes.
() => { document.querySelector('#question textarea')?.focus(); }
