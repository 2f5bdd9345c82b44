// The shop works without this file. With it the return page hears news without
// loading again, and a payment that is being prepared goes on by itself.
"use strict";

(() => {
  const FAST_FOR = 2 * 60 * 1000; // then the customer has most likely gone
  const SLOW = 20 * 1000;
  const QUIET_LIMIT = 30 * 1000;

  // Kassa is asked by the browser itself, with a token that reads this one
  // payment. What the answer means is said by our own server: when something
  // changed, its page is fetched again and the new words put in place.
  function watch(section) {
    const start = Date.now();
    let etag = null;
    let failures = 0;
    let timer = 0;

    const live = () => section.dataset.live === "true";

    function again(seconds) {
      clearTimeout(timer);
      if (!live()) return;
      let wait = Math.max(1, seconds || Number(section.dataset.every) || 2) * 1000;
      if (failures > 0) wait = Math.min(QUIET_LIMIT, wait * 2 ** failures);
      if (Date.now() - start > FAST_FOR) wait = Math.max(wait, SLOW);
      timer = setTimeout(ask, wait);
    }

    async function ask() {
      if (document.hidden) return; // "visibilitychange" asks again
      let seconds = 0;
      try {
        // Where Kassa cannot be reached from here, our own server asks instead.
        seconds = section.dataset.pollUrl && failures < 2 ? await poll() : await refresh();
        failures = 0;
      } catch {
        failures = Math.min(failures + 1, 5);
      }
      again(seconds);
    }

    async function poll() {
      const headers = { Authorization: "Bearer " + section.dataset.token };
      if (etag) headers["If-None-Match"] = etag;
      const answer = await fetch(section.dataset.pollUrl, { headers, cache: "no-store", credentials: "omit" });
      const retryAfter = Number(answer.headers.get("Retry-After")) || 0;
      if (answer.status === 304) return retryAfter;
      if (answer.status === 401 || answer.status === 404) {
        section.dataset.pollUrl = ""; // the token has had its day: our own server is asked instead
        return refresh();
      }
      if (!answer.ok) throw new Error("the payment service answered " + answer.status);
      const payment = await answer.json();
      if (changed(payment)) await refresh();
      etag = answer.headers.get("ETag"); // only now: news that could not be shown is fetched again
      return payment.poll_after_seconds || retryAfter;
    }

    function changed(payment) {
      const review = [].concat(payment.review || []).join(" ");
      const shown = section.dataset;
      return payment.status !== shown.status || String(Boolean(payment.late)) !== shown.late || review !== shown.review.trim();
    }

    async function refresh() {
      const answer = await fetch(location.pathname, { cache: "no-store" });
      if (!answer.ok) throw new Error("the shop answered " + answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = fresh.getElementById(section.id);
      if (!next) throw new Error("the shop's page has no payment");
      show(next, fresh.title);
      return 0;
    }

    // Parts stay in the page and only their content is replaced, and only when it
    // differs: a screen reader then announces the news, and nothing but the news.
    function show(next, title) {
      const url = section.dataset.pollUrl;
      for (const part of section.querySelectorAll("[data-part]")) {
        const news = next.querySelector(`[data-part="${part.dataset.part}"]`);
        if (news && news.innerHTML !== part.innerHTML) part.replaceChildren(...news.cloneNode(true).childNodes);
      }
      for (const { name, value } of next.attributes) section.setAttribute(name, value);
      if (section.dataset.pollUrl !== url) etag = null;
      document.title = title;
    }

    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) again(1);
    });
    again(0);
  }

  const section = document.getElementById("payment-status");
  if (section) watch(section);

  // The monthly amount follows the number of pieces.
  const pieces = document.querySelector("select[data-price]");
  const widget = document.querySelector("kassa-instalments");
  if (pieces && widget) {
    const follow = () => widget.setAttribute("amount", String(Number(pieces.dataset.price) * Number(pieces.value)));
    pieces.addEventListener("change", follow);
    follow(); // a browser may come back with the number that was chosen before
  }

  // Messages from Kassa appear as they come. What is unfolded stays so, and what has focus keeps it.
  function listen(board) {
    let etag = null;
    async function ask() {
      if (!document.hidden) {
        try {
          const headers = etag ? { "If-None-Match": etag } : {};
          const answer = await fetch(board.dataset.board, { headers, cache: "no-store" });
          if (answer.ok) {
            const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(board.id);
            if (fresh) show(fresh);
            etag = answer.headers.get("ETag");
          }
        } catch {
          // the shop is being restarted, perhaps; the next question tells
        }
      }
      setTimeout(ask, 2000);
    }
    function show(fresh) {
      const unfolded = new Set([...board.querySelectorAll("details[open]")].map((e) => e.dataset.keep));
      const focused = board.contains(document.activeElement) ? document.activeElement : null;
      const at = focused?.closest("details")?.dataset.keep;
      for (const part of board.querySelectorAll("[data-part]")) {
        const news = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
        for (const e of news.querySelectorAll("details")) e.open = unfolded.has(e.dataset.keep);
        if (news.innerHTML !== part.innerHTML) part.replaceChildren(...news.childNodes);
      }
      if (at && !focused.isConnected) board.querySelector(`details[data-keep="${CSS.escape(at)}"] ${focused.localName}`)?.focus({ preventScroll: true });
    }
    setTimeout(ask, 2000);
  }

  const board = document.querySelector("[data-board]");
  if (board) listen(board);

  const form = document.querySelector("form[data-again-after]");
  if (form) setTimeout(() => form.requestSubmit(), Number(form.dataset.againAfter) * 1000);
})();
