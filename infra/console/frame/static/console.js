// Everything works without this; it spares a click and keeps a form from being sent twice.
"use strict";
document.documentElement.classList.add("script");
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-go]")) event.target.form.submit();
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
});
// A page that the browser takes back from its memory may be sent again: its key says whether that is the same.
addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});
