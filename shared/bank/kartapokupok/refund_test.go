package kartapokupok

import (
	"errors"
	"strings"
	"testing"
	"time"

	"kassa/shared/payment"
)

// What an answer to a refund means. Whatever it is, the refund is sent once.
func TestRefundAnswers(t *testing.T) {
	const busy = `{"code":"BUSY","message":"try later"}`
	for name, c := range map[string]struct {
		reply reply
		kind  payment.Kind // Internal for no error
		id    string
	}{
		"done":               {reply{200, `{"refund_id":"R-3"}`}, payment.Internal, "R-3"},
		"done, created":      {reply{201, `{"refund_id":"R-3"}`}, payment.Internal, "R-3"},
		"pending":            {reply{201, `{"refund_id":"R-3","status":"PENDING"}`}, payment.Uncertain, "R-3"},
		"done, a number":     {reply{200, `{"refund_id":77}`}, payment.Internal, "77"},
		"no id":              {reply{200, `{"status":"REFUNDED"}`}, payment.Uncertain, ""},
		"empty id":           {reply{200, `{"refund_id":""}`}, payment.Uncertain, ""},
		"null id":            {reply{200, `{"refund_id":null}`}, payment.Uncertain, ""},
		"zero id":            {reply{200, `{"refund_id":0}`}, payment.Uncertain, ""},
		"false id":           {reply{200, `{"refund_id":false}`}, payment.Uncertain, ""},
		"id of words":        {reply{200, `{"refund_id":"not possible"}`}, payment.Uncertain, ""},
		"id, another word":   {reply{200, `{"refund_id":"Failed"}`}, payment.Uncertain, ""},
		"id, in PHP":         {reply{200, `{"refund_id":"null"}`}, payment.Uncertain, ""},
		"id, a dash":         {reply{200, `{"refund_id":"-"}`}, payment.Uncertain, ""},
		"id, less than 0":    {reply{200, `{"refund_id":-1}`}, payment.Uncertain, ""},
		"empty GUID":         {reply{200, `{"refund_id":"00000000-0000-0000-0000-000000000000"}`}, payment.Uncertain, ""},
		"a GUID":             {reply{200, `{"refund_id":"{3F2504E0-4F89}"}`}, payment.Internal, "{3F2504E0-4F89}"},
		"a number of theirs": {reply{200, `{"refund_id":"Возврат №12/26#1"}`}, payment.Uncertain, ""},
		"signs":              {reply{200, `{"refund_id":"В№12/26#1"}`}, payment.Internal, "В№12/26#1"},
		"a long id": {reply{200, `{"refund_id":"` + strings.Repeat("№", 128) + `"}`}, payment.Internal,
			strings.Repeat("№", 128)},
		"too long an id":    {reply{200, `{"refund_id":"` + strings.Repeat("№", 129) + `"}`}, payment.Uncertain, ""},
		"id twice":          {reply{200, `{"refund_id":"R-3","refund_id":"R-4"}`}, payment.Uncertain, ""},
		"an error with 200": {reply{200, `{"error":"limit"}`}, payment.Uncertain, ""},
		"empty":             {reply{200, ""}, payment.Uncertain, ""},
		"no content":        {reply{204, ""}, payment.Uncertain, ""},
		"junk":              {reply{200, "<html>"}, payment.Uncertain, ""},
		"cut":               {reply{-1, ""}, payment.Uncertain, ""},
		"500":               {reply{500, `{"refund_id":"R-3"}`}, payment.Uncertain, ""},
		"502":               {reply{502, ""}, payment.Uncertain, ""},
		"504":               {reply{504, ""}, payment.Uncertain, ""},
		"501":               {reply{501, ""}, payment.Uncertain, ""},
		"408":               {reply{408, ""}, payment.Uncertain, ""},
		"425":               {reply{425, ""}, payment.Uncertain, ""},
		"429":               {reply{429, busy}, payment.Uncertain, ""},
		"400":               {reply{400, busy}, payment.Refused, ""},
		"402":               {reply{402, ""}, payment.Refused, ""},
		"409":               {reply{409, busy}, payment.Uncertain, ""},
		"410":               {reply{410, ""}, payment.Uncertain, ""},
		"422":               {reply{422, `{"refund_id":"R-3"}`}, payment.Uncertain, ""},
		"401":               {reply{401, ""}, payment.Uncertain, ""},
		"403":               {reply{403, ""}, payment.Uncertain, ""},
		"404":               {reply{404, ""}, payment.Uncertain, ""},
		"308":               {reply{308, `{"refund_id":"R-3"}`}, payment.Uncertain, ""},
		"nginx, a certificate": {reply{400, "<html><title>400 No required SSL certificate was sent</title>"},
			payment.Misconfigured, ""},
	} {
		x := tell(t, says(refundPath, c.reply), nil)
		id, err := x.Refund(t.Context(), someRefund(4005))
		if payment.KindOf(err) != c.kind || (err == nil) != (c.kind == payment.Internal) || id != c.id {
			t.Errorf("%s: %+v, %v, want %s", name, id, err, c.kind)
		}
		if n := strings.Count(strings.Join(x.asked, " "), refundPath); n != 1 {
			t.Errorf("%s: sent %d times", name, n)
		}
		if e, ok := errors.AsType[*payment.Error](err); ok && strings.Contains(e.Message, "try later") {
			t.Errorf("%s: the bank's words are in the message: %s", name, e.Message)
		}
		if strings.Contains(c.reply.body, "BUSY") && !strings.Contains(err.Error(), "BUSY") {
			t.Errorf("%s: the bank's code is lost: %v", name, err)
		}
	}
}

// TestWhatStandsBesideARefundID: an id that the same answer takes back proves nothing.
func TestWhatStandsBesideARefundID(t *testing.T) {
	for beside, done := range map[string]bool{
		``:                                    true,
		`,"status":"REFUNDED"`:                true,
		`,"status":" ok "`:                    true,
		`,"status":"APPROVED","success":1`:    true,
		`,"status":"processed"`:               true, // Razorpay's
		`,"status":"COMPLETE"`:                true,
		`,"status":"PARTIAL_REFUNDED"`:        true, // T-Bank's of the payment, after a part
		`,"status":"partially refunded"`:      true,
		`,"error":"","error_code":"0"`:        true,
		`,"error":null,"session_id":"S-7f3a"`: true,
		`,"amount":40.05`:                     true,
		`,"code":0,"message":"done"`:          true,
		`,"code":"200"`:                       true,
		`,"code":" ok "`:                      true,
		`,"code":"LIMIT"`:                     false,
		`,"code":409`:                         false,
		`,"error":{"message":"no"}`:           false,
		`,"status":"FAILED","code":"E1"`:      false,
		`,"status":"REJECTED"`:                false,
		`,"status":"PENDING"`:                 false,
		`,"error":"no"`:                       false,
		`,"error":{"code":"E7"}`:              false,
		`,"success":false`:                    false,
		`,"session_id":"S-2"`:                 false,
		`,"amount":40`:                        false,
		`,"error":"null","errors":[]`:         true,
		`,"error":false,"result":0`:           true,
		`,"errors":[{"code":"0"}],"ok":true`:  true,
		`,"error":true`:                       false,
		`,"error":["no"]`:                     false,
		`,"error":{"text":"no"}`:              false,
		`,"errors":[{"code":"LIMIT"}]`:        false,
		`,"errors":{"amount":"too much"}`:     false,
		`,"ok":false`:                         false,
		`,"ok":0`:                             false,
		`,"ok":"0"`:                           false,
		`,"status":false`:                     false,
		`,"status":"false"`:                   false,
		`,"result":"no"`:                      false,
	} {
		x := tell(t, map[string][]reply{refundPath: {{200, `{"refund_id":"R1"` + beside + `}`}}}, nil)
		id, err := x.Refund(t.Context(), someRefund(4005))
		if done != (err == nil && id == "R1") || !done && payment.KindOf(err) != payment.Uncertain {
			t.Errorf("%s: %q, %v, done is %t", beside, id, err, done)
		}
	}
}

// TestARefundThatIsStillToBeDone: the bank has given it an id, by which it may sign later that it is done. Where the
// answer takes the id back besides, nobody knows what it is of.
func TestARefundThatIsStillToBeDone(t *testing.T) {
	for beside, want := range map[string]string{
		`"status":"PENDING"`:                            "R1",
		`"status":"received"`:                           "R1", // Adyen's
		`"status":"processing"`:                         "R1",
		`"status":"in progress"`:                        "R1",
		`"status":"REFUND_PENDING"`:                     "R1",
		`"status":"IN_WORK"`:                            "R1",
		`"status":"PENDING","session_id":"S-2"`:         "",
		`"status":"PENDING","amount":40`:                "",
		`"status":"PENDING","error":"already_refunded"`: "",
		`"status":"FAILED"`:                             "",
		`"status":"REJECTED"`:                           "",
		`"status":"WONDER"`:                             "",
	} {
		x := tell(t, map[string][]reply{refundPath: {{202, `{"refund_id":"R1",` + beside + `}`}}},
			map[string]any{"status_map": map[string]any{"IN_WORK": "processing"}})
		if id, err := x.Refund(t.Context(), someRefund(4005)); payment.KindOf(err) != payment.Uncertain || id != want {
			t.Errorf("%s: %q, %v, want %q", beside, id, err, want)
		}
	}
}

// A refusal of what the bank shows as done is the refusal of a repetition. So may be one that it cannot be asked about.
func TestRefusedAndYetDone(t *testing.T) {
	for name, c := range map[string]struct {
		status reply
		kind   payment.Kind
	}{
		"shown as done": {reply{200, `{"status":"APPROVED","amount":120.00,"refunded_amount":60.05}`}, payment.Uncertain},
		"shown as not":  {reply{200, `{"status":"APPROVED","amount":120.00,"refunded_amount":20.00}`}, payment.Uncertain},
		"another total": {reply{200, `{"status":"APPROVED","amount":120.00,"refunded_amount":40.05}`}, payment.Uncertain},
		"more besides":  {reply{200, `{"status":"APPROVED","amount":120.00,"refunded_amount":70.00}`}, payment.Uncertain},
		"no total":      {reply{200, `{"status":"REFUNDED","amount":120.00}`}, payment.Uncertain},
		"no known word": {reply{200, `{"status":"SETTLED","amount":120.00}`}, payment.Uncertain},
		"another order's": {reply{200, `{"session_id":"S-1","status":"APPROVED","refunded_amount":60.05}`},
			payment.Uncertain},
		"no status call":   {reply{404, ""}, payment.Uncertain},
		"status call down": {reply{503, ""}, payment.Uncertain},
	} {
		x := tell(t, map[string][]reply{refundPath: {{409, `{"code":"DUPLICATE"}`}}, statusPath: {c.status}}, nil)
		r := someRefund(4005)
		r.Returned = 2000
		id, err := x.Refund(t.Context(), r)
		if payment.KindOf(err) != c.kind || id != "" || !strings.Contains(err.Error(), "DUPLICATE") ||
			payment.BankCodeOf(err) != "DUPLICATE" {
			t.Errorf("%s: %+v, %v, want %s", name, id, err, c.kind)
		}
		if n := strings.Count(strings.Join(x.asked, " "), refundPath); n != 1 {
			t.Errorf("%s: sent %d times", name, n)
		}
	}
}

// A refusal is doubted and the bank asked about it; an answer that says neither yes nor no is asked about by others. A
// refusal beside which the bank cannot be asked is none.
func TestWhichAnswersAreAskedAbout(t *testing.T) {
	for refusal, c := range map[reply]struct {
		asked int
		kind  payment.Kind
	}{{400, `{"code":"NO"}`}: {2, payment.Uncertain}, {500, ""}: {1, payment.Uncertain},
		{200, ""}: {1, payment.Uncertain}} {
		x := tell(t, map[string][]reply{refundPath: {refusal}, statusPath: {{500, ""}}}, nil)
		if _, err := x.Refund(t.Context(), someRefund(4005)); payment.KindOf(err) != c.kind || len(x.asked) != c.asked {
			t.Errorf("%v: %v after asking %q", refusal, err, x.asked)
		}
	}
}

// A bank that calls a request a repetition, and states a total in which nothing of it is, contradicts itself: totals
// lag. It is believed where its total leaves no room for the refund, and where it claims nothing of the kind.
func TestAClaimAgainstTheTotal(t *testing.T) {
	for answer, c := range map[reply]struct {
		amount int64
		total  string
		kind   payment.Kind
	}{
		{409, `{"code":"already_refunded"}`}:                    {4005, "20.00", payment.Uncertain},
		{422, `{"message":"Возврат уже выполнен"}`}:             {4005, "20.00", payment.Uncertain},
		{400, `{"code":"E17","refund_id":"R-3"}`}:               {4005, "20.00", payment.Uncertain},
		{422, `{"code":"AMOUNT_EXCEEDED"}`}:                     {4005, "20.00", payment.Uncertain},
		{400, `{"code":"DUPLICATE"}`}:                           {4005, "79.95", payment.Uncertain}, // just room
		{422, `{"code":"AMOUNT_EXCEEDS_LEFT"}`}:                 {6005, "70.00", payment.Refused},
		{409, `{"code":"NOT_ACTIVATED"}`}:                       {4005, "20.00", payment.Refused},
		{409, ""}:                                               {4005, "20.00", payment.Refused},
		{422, `{"code":"REFUND_PERIOD_OVER"}`}:                  {4005, "20.00", payment.Refused},
		{422, `{"code":"LIMIT","message":"Daily limit is up"}`}: {4005, "20.00", payment.Refused},
	} {
		x := tell(t, map[string][]reply{refundPath: {answer},
			statusPath: {{200, `{"status":"APPROVED","amount":120.00,"refunded_amount":` + c.total + `}`}}}, nil)
		r := someRefund(c.amount)
		r.Returned = 2000
		if _, err := x.Refund(t.Context(), r); payment.KindOf(err) != c.kind {
			t.Errorf("%v: %v, want %s", answer, err, c.kind)
		}
	}
}

// A bank that states no total shows what was done by its word alone, where nothing had gone back before.
func TestRefusedAndYetDoneByTheWord(t *testing.T) {
	for name, c := range map[string]struct {
		status   string
		partial  bool
		amount   int64
		returned int64
		kind     payment.Kind
	}{
		"the whole":             {"REFUNDED", false, 12000, 0, payment.Uncertain},
		"the whole, parts are":  {"REFUNDED", true, 12000, 0, payment.Uncertain},
		"a first part":          {"REFUNDED", true, 4005, 0, payment.Uncertain},
		"a second part":         {"REFUNDED", true, 4005, 2000, payment.Uncertain},
		"a part, no word of it": {"APPROVED", true, 4005, 0, payment.Uncertain},
		"nothing has gone back": {"APPROVED", false, 12000, 0, payment.Refused},
	} {
		x := tell(t, map[string][]reply{refundPath: {{409, `{"code":"DUPLICATE"}`}},
			statusPath: {{200, `{"status":"` + c.status + `"}`}}},
			map[string]any{"refund": map[string]any{"partial": c.partial}})
		r := someRefund(c.amount)
		r.Returned = c.returned
		if _, err := x.Refund(t.Context(), r); payment.KindOf(err) != c.kind {
			t.Errorf("%s: %v, want %s", name, err, c.kind)
		}
	}
}

// TestARefusalThatMayBeForASecondCopy: where nobody can be asked, it leaves open what the first one did. What a bank
// never says to a copy alone is a definite no.
func TestARefusalThatMayBeForASecondCopy(t *testing.T) {
	for answer, open := range map[reply]bool{
		{409, ""}:                            true,
		{423, ""}:                            true,
		{410, ""}:                            true,
		{422, `{"code":"already_refunded"}`}: true,
		{400, `{"error_code":"DUPLICATE_REQUEST"}`}:             true,
		{422, `{"error":{"code":"AmountExceeded"}}`}:            true,
		{422, `{"message":"The session was refunded already"}`}: true,
		{400, `{"error":{"message":"Возврат уже выполнен"}}`}:   true,
		{422, `{"message":"The amount exceeds what is left"}`}:  true,
		{422, `{"code":"REFUND_PERIOD_EXCEEDED"}`}:              false,
		{400, `{"code":"E17","refund_id":"R-3"}`}:               true,
		{422, `{"code":"E17","refund_id":""}`}:                  false,
		{422, ""}:                                               false,
		{400, `{"code":"REFUND_PERIOD_OVER"}`}:                  false,
		{402, `{"code":"NO_FUNDS"}`}:                            false,
	} {
		x := tell(t, map[string][]reply{refundPath: {answer}}, map[string]any{"status": map[string]any{"mode": "off"}})
		_, err := x.Refund(t.Context(), someRefund(4005))
		if open != (payment.KindOf(err) == payment.Uncertain) || !open && payment.KindOf(err) != payment.Refused {
			t.Errorf("%v: %v, open is %t", answer, err, open)
		}
		if open && !strings.Contains(err.Error(), "second copy") {
			t.Errorf("%v: a person is not told why: %v", answer, err)
		}
	}
}

// TestARepetitionIsSpokenOfUnderAnyName: banks have codes and words in lists, in objects within objects and under names
// of their own. What of it are our own words says nothing.
func TestARepetitionIsSpokenOfUnderAnyName(t *testing.T) {
	for body, open := range map[string]bool{
		`{"errors":[{"code":"R-4","path":"amount","description":"Refund already made"}]}`:                  true,
		`{"response":{"message":"Error","errors":{"base":["was already given back"]}}}`:                    true,
		`{"errorCode":"7","errorMessage":"\u0412\u043e\u0437\u0432\u0440\u0430\u0442 \u0443\u0436\u0435"}`: true,
		`{"Success":false,"Message":"No","Details":"The operation was repeated"}`:                          true,
		`["a refund is already there"]`:                                                                  true,
		"The refund was made already":                                                                    true,
		`{"message":"Вяртанне ўжо выканана"}`:                                                            true,
		`{"message":"Ужо вернута"}`:                                                                      true,
		`{"message":"Паўторны запыт"}`:                                                                   true,
		`{"errors":{"amount":"Сума перавышае рэшту"}}`:                                                   true,
		`{"message":"Средства по заявке возвращены"}`:                                                    true,
		`{"message":"Возврат проведён ранее"}`:                                                           true,
		`{"message":"Заявка в обработке"}`:                                                               true,
		`{"code":"REFUND_EXISTS"}`:                                                                       true,
		`{"code":"REFUND_IN_PROCESS"}`:                                                                   true,
		`{"code":"E1","duplicate":true}`:                                                                 true,
		`{"details":[{"already_refunded":true}]}`:                                                        true,
		`{"code":"E1","duplicate":false,"already_refunded":null,"refunded":0}`:                           false,
		`{"message":"Возврат не ранее 24 часов"}`:                                                        false,
		`{"message":"Это чужой договор"}`:                                                                false,
		`{"message":"Возврат невозможен: договор не активирован"}`:                                       false,
		`{"errors":[{"field":"amount","description":"Is below the least"}]}`:                             false,
		`{"code":"LIMIT","request":{"reason":"Returned by the customer"},"refunded_amount":0,"sum":[5]}`: false,
		`{"message":"Заявка не может быть возвращена"}`:                                                  false,
		`{"message":"Товар не был возвращён"}`:                                                           false,
		`{"message":"Сродкі не могуць быць вернутыя"}`:                                                   false,
		`{"message":"This application cannot be refunded"}`:                                              false,
		`{"code":"NOT_REFUNDED"}`:                                                                        false,
		`{"message":"Cannot be refunded: it was refunded"}`:                                              true,
		`{"message":"Не может быть возвращён: уже возвращён"}`:                                           true,
		`{"message":"This application cannot be refunded again"}`:                                        true,
		`{"message":"It cannot be refunded more than once"}`:                                             true,
		`{"message":"Заявка больше не может быть возвращена"}`:                                           true,
		`{"message":"Заяўка больш не можа быць вернутая"}`:                                               true,
		`{"message":"Не может быть возвращена ещё раз"}`:                                                 true,
		`{"message":"Cannot be refunded now, try again"}`:                                                false,
		`{"message":"Not refunded: against the rules"}`:                                                  false,
		"Bad Request": false,
	} {
		x := tell(t, says(refundPath, reply{400, body}), map[string]any{"status": map[string]any{"mode": "off"}})
		r := someRefund(4005)
		r.Reason = "Returned by the customer"
		_, err := x.Refund(t.Context(), r)
		if open != (payment.KindOf(err) == payment.Uncertain) || !open && payment.KindOf(err) != payment.Refused {
			t.Errorf("%s: %v, open is %t", body, err, open)
		}
	}
}

// What the bank would refuse is refused in our words, and the bank is not asked.
func TestRefundRules(t *testing.T) {
	rules := func(partial bool, days int) map[string]any {
		return map[string]any{"refund": map[string]any{"partial": partial, "max_days": days}}
	}
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		settings         map[string]any
		amount, returned int64
		currency         payment.Currency
		age              time.Duration
		code             string // "" = sent
	}{
		"whole, parts allowed": {rules(true, 0), 12000, 0, payment.BYN, 4000 * day, ""},
		"part, parts allowed":  {rules(true, 0), 1, 0, payment.BYN, day, ""},
		"whole, no parts":      {rules(false, 0), 12000, 0, payment.BYN, day, ""},
		"part, no parts":       {rules(false, 0), 11999, 0, payment.BYN, day, "partial_refund_refused"},
		"the rest, no parts":   {rules(false, 0), 7000, 5000, payment.BYN, day, "partial_refund_refused"},
		"on the last day":      {rules(true, 14), 12000, 0, payment.BYN, 14 * day, ""},
		"on its last second":   {rules(true, 14), 12000, 0, payment.BYN, 14*day + 12*time.Hour - time.Second, ""},
		"the day after":        {rules(true, 14), 12000, 0, payment.BYN, 14*day + 12*time.Hour, "refund_too_late"},
		"another currency":     {rules(true, 0), 12000, 0, payment.AZN, day, "amount_refused"},
		"nothing":              {rules(true, 0), 0, 0, payment.BYN, day, "amount_refused"},
		"less than nothing":    {rules(true, 0), -5, 0, payment.BYN, day, "amount_refused"},
	} {
		x := tell(t, says(refundPath, reply{200, `{"refund_id":"R-3"}`}), c.settings)
		r := someRefund(c.amount)
		r.Returned, r.Amount.Currency, r.Now = c.returned, c.currency, r.PaidAt.Add(c.age)
		_, err := x.Refund(t.Context(), r)
		if c.code == "" {
			if err != nil || len(x.asked) != 1 {
				t.Errorf("%s: %v after asking %q", name, err, x.asked)
			}
			continue
		}
		if payment.KindOf(err) != payment.Refused || payment.CodeOf(err) != c.code || len(x.asked) != 0 {
			t.Errorf("%s: %v after asking %q, want %s", name, err, x.asked, c.code)
		}
		if c.code == "refund_too_late" && !strings.Contains(err.Error(), "up to 14 days") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
