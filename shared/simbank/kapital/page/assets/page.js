// Comfort only: the page works without it.
"use strict";

// The answer to a form stands in the history as an address, so going back or
// loading again asks the bank anew and sends no card a second time.
history.replaceState(null, "", location.href);

const pan = document.getElementById("pan");
if (pan) {
  pan.addEventListener("input", () => {
    if (pan.selectionStart !== pan.value.length) return;
    const digits = pan.value.replace(/\D/g, "").slice(0, 19);
    pan.value = digits.replace(/(\d{4})(?=\d)/g, "$1 ");
  });
}

const expiry = document.getElementById("expiry");
if (expiry) {
  expiry.addEventListener("input", (event) => {
    if (event.inputType && event.inputType.startsWith("delete")) return;
    const digits = expiry.value.replace(/\D/g, "");
    if (digits.length >= 2 && digits.length <= 4) {
      expiry.value = digits.slice(0, 2) + " / " + digits.slice(2);
    }
  });
}

for (const button of document.querySelectorAll("[data-pan]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    pan.value = button.dataset.pan.replace(/(\d{4})(?=\d)/g, "$1 ");
    expiry.value = "12 / " + String((new Date().getFullYear() + 3) % 100);
    document.getElementById("cvv").value = button.dataset.cvv;
    pan.scrollIntoView({ block: "center" });
    pan.focus();
  });
}

// A double click must not send the form twice. The button stays enabled until
// the form is on its way, because its name and value belong to the form.
for (const form of document.querySelectorAll("form")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

const back = document.getElementById("back");
if (back && Number(back.dataset.delay) >= 0) {
  setTimeout(() => (back.requestSubmit ? back.requestSubmit() : back.click()), Number(back.dataset.delay) * 1000);
}
