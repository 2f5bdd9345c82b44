// The four languages of both banks' customers. They are put together when a page is shown and not at package level,
// where they would cost every start of the function, for which a customer waits.

package main

import "strings"

// words are what a page of ours says in one language.
type words struct{ lang, gone, goneMore, later, laterMore, again, reference, asking, back string }

// languages are the page's, the fallback first.
func languages() []words {
	return []words{
		{"en", "Nothing here", "This address leads to no payment. Please go back to the shop: your order is there.",
			"One moment", "The payment cannot be read just now. Nothing is lost. This page tries again by itself and then " +
				"takes you back to the shop.",
			"Try again", "For the shop's support:",
			"We are asking the bank about your payment. This page takes you back to the shop by itself.", "Back to the shop"},
		{"az", "Burada heç nə yoxdur",
			"Bu ünvan heç bir ödənişə aparmır. Zəhmət olmasa mağazaya qayıdın: sifarişiniz oradadır.",
			"Bir az gözləyin", "Ödəniş hazırda oxunmur. Heç nə itməyib. Bu səhifə özü yenidən yoxlayır, sonra sizi mağazaya " +
				"qaytaracaq.",
			"Yenidən yoxla", "Mağazanın dəstək xidməti üçün:",
			"Ödənişiniz haqqında bankdan soruşuruq. Bu səhifə sizi özü mağazaya qaytaracaq.", "Mağazaya qayıt"},
		{"ru", "Здесь ничего нет", "По этому адресу нет платежа. Вернитесь, пожалуйста, в магазин: ваш заказ там.",
			"Одну минуту", "Сейчас платёж не удаётся прочитать. Ничего не потеряно. Страница попробует ещё раз сама и вернёт " +
				"вас в магазин.",
			"Попробовать ещё раз", "Для поддержки магазина:",
			"Мы спрашиваем банк о вашем платеже. Страница сама вернёт вас в магазин.", "Вернуться в магазин"},
		{"be", "Тут нічога няма", "Па гэтым адрасе няма плацяжу. Вярніцеся, калі ласка, у краму: ваш заказ там.",
			"Адну хвіліну", "Зараз плацёж не ўдаецца прачытаць. Нічога не страчана. Старонка паспрабуе яшчэ раз сама і верне " +
				"вас у краму.",
			"Паспрабаваць яшчэ раз", "Для падтрымкі крамы:",
			"Мы пытаемся ў банка пра ваш плацёж. Старонка сама верне вас у краму.", "Вярнуцца ў краму"},
	}
}

// speak picks a language by Accept-Language (RFC 9110, section 12.5.4): the one of the highest weight, the earlier of
// two equals.
func speak(accept string) words {
	all, best := languages(), ""
	chosen := all[0]
	for tag := range strings.SplitSeq(strings.ToLower(accept), ",") {
		tag, parameters, _ := strings.Cut(strings.ReplaceAll(tag, " ", ""), ";")
		primary, _, _ := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
		weight, given := strings.CutPrefix(parameters, "q=")
		if !given {
			weight = "1"
		}
		// Weights go from 0, which is a no, to 1.000: as texts they compare as they do as numbers.
		for _, w := range all {
			if w.lang == primary && weight > best && strings.Trim(weight, "0.") != "" {
				chosen, best = w, weight
			}
		}
	}
	return chosen
}
