// <kassa-instalments shop="demo-by" api="https://..." amount="12000"> reads "from 10.00 BYN/month × 12". See README.
const words = { // between thousands, before cents, what is seen, what is read aloud
  en: [",", ".", "from {x}/month × {n}", "Instalments: from {x} per month, number of months: {n}"],
  ru: ["\xa0", ",", "от {x}/мес. × {n}", "Рассрочка: от {x} в месяц, срок в месяцах: {n}"],
  be: ["\xa0", ",", "ад {x}/мес. × {n}", "Растэрміноўка: ад {x} у месяц, тэрмін у месяцах: {n}"],
  az: [".", ",", "ayda {x}-dən × {n}", "Hissə-hissə ödəniş: ayda {x}-dən, ayların sayı: {n}"],
};
const look = new CSSStyleSheet();
look.replaceSync(`:host{display:block;position:relative;color:var(--kassa-color,inherit);font:var(--kassa-font,inherit);
line-height:var(--kassa-line,1.5em);min-height:var(--kassa-line,1.5em)}:host([hidden]){display:none}
.said{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}`);

class Instalments extends HTMLElement {
  static observedAttributes = ["amount", "shop", "bank", "api", "terms", "currency", "lang"];
  #request;
  #due = false;

  // The plans that Kassa makes, in whole minor units: nothing here is ever a fraction.
  static plans(total, terms) {
    return [...new Set(terms)].filter((n) => n >= 2 && n <= 60).sort((a, b) => a - b).map((term) => {
      const rest = total % term, monthly = (total - rest) / term + (rest > 0);
      return { term, monthly, last: total - (term - 1) * monthly };
    }).filter((plan) => plan.last > 0);
  }

  connectedCallback() {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [look];
    this.#change();
  }
  disconnectedCallback() { this.#request?.abort(); }
  attributeChangedCallback(_, was, is) { if (was !== is) this.#change(); }

  // Attributes that change together are one change.
  #change() {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      if (this.isConnected) this.#update();
    });
  }

  async #update() {
    this.#request?.abort();
    const { signal } = this.#request = new AbortController();
    this.shadowRoot.replaceChildren(); // what stood there was of another amount
    const given = (name) => this.getAttribute(name) ?? "", amount = given("amount");
    if (!/^[1-9]\d{0,14}$/.test(amount)) return;
    if (given("terms")) {
      const terms = given("terms").split(",").map(Number).filter(Number.isInteger);
      return this.#show(Instalments.plans(+amount, terms).at(-1), given("currency") || "BYN");
    }
    try {
      const query = new URLSearchParams({ shop: given("shop"), amount }), api = given("api").replace(/\/+$/, "");
      if (given("bank")) query.set("bank", given("bank"));
      const answer = await fetch(`${api}/v1/instalments?${query}`, { signal, credentials: "omit" });
      const { plans, currency } = await answer.json(), { term, monthly_amount: monthly } = plans.at(-1);
      if (!signal.aborted) this.#show({ term, monthly }, currency);
    } catch {} // without a plan there is no badge, and nobody is bothered
  }

  #show(plan, currency) {
    if (!Number.isSafeInteger(plan?.monthly)) return;
    const asked = (this.closest("[lang]")?.lang ?? "").slice(0, 2).toLowerCase();
    const lang = Object.hasOwn(words, asked) ? asked : "en", [group, point, ...texts] = words[lang];
    const cents = plan.monthly % 100, whole = `${(plan.monthly - cents) / 100}`.replace(/\B(?=(\d{3})+$)/g, group);
    const sum = `${whole}${point}${`${cents}`.padStart(2, 0)}\xa0${currency}`;
    this.shadowRoot.append(...texts.map((text, aloud) => {
      const span = document.createElement("span");
      span.lang = lang;
      span.className = span.part = aloud ? "said" : "text";
      span.ariaHidden = aloud ? null : "true";
      span.textContent = text.replace("{x}", sum).replace("{n}", plan.term);
      return span;
    }));
  }
}
customElements.get("kassa-instalments") ?? customElements.define("kassa-instalments", Instalments);
