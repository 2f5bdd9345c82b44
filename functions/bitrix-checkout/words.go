// What a buyer reads where a payment cannot be opened. The portal shows the text as it stands and offers no button, so
// each text says what the reader can do: mend a field, ask the shop, wait, or pay in another way.

package main

import (
	"net/http"
	"slices"
	"strings"

	"kassa/shared/api"
)

// inWords is a problem as the portal shows it: to the buyer on the page, or to the manager in the timeline. The portal
// reads nothing but 200. The request's id leads whoever runs this checkout to the line of the log.
func inWords(p api.Problem, locale string) api.Response {
	language := strings.ToLower(locale[:min(2, len(locale))]) // portals call Belarusian, Kazakh and Ukrainian by, kz, ua
	russian := slices.Contains([]string{"", "ru", "be", "by", "kk", "kz", "uk", "ua"}, language)
	texts := []string{}
	for _, field := range p.Errors {
		if text := fieldWords(field.Pointer).in(russian); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	if len(texts) == 0 {
		texts = []string{problemWords(p).in(russian)}
	}
	if p.Status >= http.StatusInternalServerError || p.Status == http.StatusUnauthorized ||
		p.Status == http.StatusForbidden {
		texts[len(texts)-1] += " (" + p.RequestID + ")"
	}
	a, err := api.JSON(http.StatusOK, map[string][]string{"PAYMENT_ERRORS": texts})
	if err != nil { // texts alone: cannot be
		return api.Response{Status: http.StatusInternalServerError}
	}
	return a
}

// words say one thing in the languages that portals speak most.
type words struct{ ru, en string }

// in speaks English to whoever is not spoken to in Russian.
func (w words) in(russian bool) string {
	if russian {
		return w.ru
	}
	return w.en
}

// fieldWords say what is missing or wrong, by the field of the API that it became.
func fieldWords(pointer string) words {
	switch pointer {
	case "/amount", "/items", "/items/0/unit_amount":
		return words{"Эту сумму так оплатить нельзя: проверьте сумму оплаты и условия рассрочки.",
			"This sum cannot be paid in this way: check the payment's sum and the terms of instalments."}
	case "/currency":
		return words{"Валюта оплаты не та, в которой продаёт магазин.",
			"The payment's currency is not the one that the shop sells in."}
	case "/term":
		return words{"Укажите срок рассрочки из предложенных магазином.",
			"Choose one of the shop's instalment terms."}
	case "/bank":
		return words{"Настройте платёжную систему: в поле KASSA_BANK должен быть банк этого магазина.",
			"Mend the pay system: KASSA_BANK must name a bank of this shop."}
	case "/customer/first_name", "/customer/last_name":
		return words{"Укажите имя и фамилию.", "Tell your first and last name."}
	case "/customer/phone":
		return words{"Укажите номер телефона с кодом страны, например +375291234567.",
			"Tell your phone number with its country's code, such as +375291234567."}
	case "/customer/email":
		return words{"Укажите адрес электронной почты.", "Tell your e-mail address."}
	case "/return_urls/success":
		return words{"Адрес страницы оплаты не разрешён в настройках магазина (origins).",
			"The address of the payment's page is not among the shop's origins."}
	}
	return words{"Данные заказа не подходят для оплаты (" + strings.TrimPrefix(pointer, "/") + ").",
		"The order's data cannot be used for a payment (" + strings.TrimPrefix(pointer, "/") + ")."}
}

// problemWords say how the order stands, or who can help.
func problemWords(p api.Problem) words {
	switch p.Code {
	case "order_already_paid", "payment_paid", "payment_partially_refunded":
		return words{"Этот заказ уже оплачен. Отметка об оплате появится в магазине в течение нескольких минут.",
			"This order is paid already. The shop will show it within minutes."}
	case "order_refunded", "payment_refunded":
		return words{"Деньги за этот заказ возвращены. Для новой оплаты попросите магазин создать новую оплату.",
			"The money for this order was given back. Ask the shop for a new payment."}
	case "order_ref_taken":
		return words{"Этот заказ уже оплачен на другую сумму. Обратитесь в магазин.",
			"This order was paid with another sum. Please ask the shop."}
	case "order_under_review":
		return words{"Оплата этого заказа проверяется. Обратитесь в магазин и не платите второй раз.",
			"This order's payment is being looked at. Please ask the shop, and do not pay twice."}
	case "bank_refused":
		return words{"Банк не принимает эту оплату. Выберите другой способ.",
			"The bank does not take this payment. Please choose another way."}
	case "unauthorized", "scope_missing", "misconfigured", "no_portal", "malformed_body",
		"malformed_request", "body_too_large", "merchant_changed":
		return words{"Оплата настроена неверно. Обратитесь в магазин.",
			"The payment is not set up correctly. Please ask the shop."}
	}
	return words{"Сейчас оплату открыть не удалось. Попробуйте ещё раз через минуту.",
		"The payment could not be opened just now. Please try again in a minute."}
}
