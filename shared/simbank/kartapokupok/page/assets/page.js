// Comfort only: the page works without it.
"use strict";

// A double click must not send the form twice. The button stays enabled until the
// form is on its way, because its name and value belong to the form.
for (const form of document.querySelectorAll("form")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}

// Coming back by the browser's back button shows where the application stands now.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// The answer to a form that was sent without consent stands in the history as an
// address, so that loading again sends nothing.
history.replaceState(null, "", location.href);
