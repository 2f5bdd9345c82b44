package kartapokupok

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// verify checks a signature with nothing but the standard library and the key
// that the bank publishes.
func verify(t *testing.T, publicPEM []byte, algorithm string, input, signature []byte) bool {
	t.Helper()
	block, _ := pem.Decode(publicPEM)
	if block == nil || block.Type != "PUBLIC KEY" {
		t.Fatalf("no public key: %s", publicPEM)
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	short, long := sha256.Sum256(input), sha512.Sum512(input)
	switch key := parsed.(type) {
	case *rsa.PublicKey:
		switch algorithm {
		case "rsa-sha512":
			return rsa.VerifyPKCS1v15(key, crypto.SHA512, long[:], signature) == nil
		case "rsa-pss-sha256":
			return rsa.VerifyPSS(key, crypto.SHA256, short[:], signature, &rsa.PSSOptions{SaltLength: sha256.Size}) == nil
		}
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, short[:], signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, short[:], signature)
	case ed25519.PublicKey:
		return ed25519.Verify(key, input, signature)
	}
	t.Fatalf("a key of type %T", parsed)
	return false
}

func (b *bank) published(family string) [][]byte {
	b.t.Helper()
	keys, err := b.PKI().PublicKeys(family)
	b.must(err)
	return keys
}

// decode reads a signature that must be written canonically.
func decode(t *testing.T, encoding, text string) []byte {
	t.Helper()
	var raw []byte
	var err error
	again := text
	switch encoding {
	case "base64url":
		raw, err = base64.RawURLEncoding.Strict().DecodeString(text)
	case "base64url-padded":
		raw, err = base64.URLEncoding.Strict().DecodeString(text)
	case "hex":
		raw, err = hex.DecodeString(text)
		again = hex.EncodeToString(raw)
	case "hex-upper":
		raw, err = hex.DecodeString(text)
		again = strings.ToUpper(hex.EncodeToString(raw))
	case "base64-lines":
		raw, err = base64.StdEncoding.DecodeString(strings.Replace(text, " ", "\n", 1))
		if !strings.Contains(text, " ") {
			t.Error("the signature is not folded")
		}
	default:
		raw, err = base64.StdEncoding.Strict().DecodeString(text)
	}
	if err != nil || again != text {
		t.Fatalf("%s is no %s: %v", text, encoding, err)
	}
	return raw
}

func TestEverySchemeVerifies(t *testing.T) {
	b := start(t, nil)
	s := b.create()
	families := map[string]string{"": "rsa", "rsa-sha256": "rsa", "rsa-sha512": "rsa", "rsa-pss-sha256": "rsa",
		"ecdsa-sha256": "ecdsa", "ed25519": "ed25519"}
	for algorithm, family := range families {
		for _, encoding := range []string{"", "base64", "base64url", "base64url-padded", "hex", "hex-upper", "base64-lines"} {
			for _, stamp := range []string{"", "unix", "unix-ms", "rfc3339"} {
				name := algorithm + " " + encoding + " " + stamp
				header := "X-Bank-Signature"
				b.set(func(set *Settings) {
					*set = Settings{}
					set.Header, set.Algorithm, set.Encoding, set.TimestampForm = header, algorithm, encoding, stamp
					if stamp != "" {
						set.TimestampHeader = "X-Bank-Time"
					}
				})
				answers, err := b.Callback(t.Context(), s.id, Message{Status: "APPROVED"})
				b.must(err)
				want(t, name+" answers", answers, "[204]")
				all := b.shop.callbacks()
				h := all[len(all)-1]
				input := h.body
				if stamp != "" {
					input = append([]byte(h.header.Get("X-Bank-Time")+"."), h.body...)
					written := map[string]string{"unix": strconv.FormatInt(noon.Unix(), 10),
						"unix-ms": strconv.FormatInt(noon.UnixMilli(), 10), "rfc3339": "2026-03-10T09:00:00Z"}
					want(t, name+" time", h.header.Get("X-Bank-Time"), written[stamp])
				}
				if !verify(t, b.published(family)[0], algorithm, input, decode(t, encoding, h.header.Get(header))) {
					t.Errorf("%s does not verify", name)
				}
				if stamp != "" && verify(t, b.published(family)[0], algorithm, h.body, decode(t, encoding, h.header.Get(header))) {
					t.Errorf("%s verifies without its time", name)
				}
			}
		}
	}
}

func TestWrongSignatures(t *testing.T) {
	b := start(t, func(o *Options) { o.PKI = ownKeys(t, "") })
	s := b.create()
	b.must(b.PKI().RotateSigning("rsa", true))
	for name, c := range map[string]struct {
		edit    func(*Settings)
		headers int
		right   int // how many of the headers verify with the current key
	}{
		"right":       {func(*Settings) {}, 1, 1},
		"none":        {func(s *Settings) { s.Signature = "none" }, 0, 0},
		"empty":       {func(s *Settings) { s.Signature = "empty" }, 1, 0},
		"tampered":    {func(s *Settings) { s.Signature = "tampered" }, 1, 0},
		"cut":         {func(s *Settings) { s.Signature = "cut" }, 1, 0},
		"two":         {func(s *Settings) { s.Signature = "two" }, 2, 2},
		"two, mixed":  {func(s *Settings) { s.Signature = "two-mixed" }, 2, 1},
		"other body":  {func(s *Settings) { s.Body = "tampered" }, 1, 0},
		"other bytes": {func(s *Settings) { s.Body = "spaced" }, 1, 0},
		"foreign":     {func(s *Settings) { s.Key = "foreign" }, 1, 0},
		"previous":    {func(s *Settings) { s.Key = "previous" }, 1, 0},
	} {
		b.set(func(set *Settings) { *set = Settings{}; c.edit(set) })
		_, err := b.Callback(t.Context(), s.id, Message{})
		b.must(err)
		all := b.shop.callbacks()
		h := all[len(all)-1]
		h.read(t) // it stays JSON whatever was done to it
		headers := h.header.Values("Content-Signature")
		right := 0
		for _, text := range headers {
			if text != "" && verify(t, b.published("rsa")[0], "", h.body, decode(t, "", text)) {
				right++
			}
		}
		want(t, name+": headers", len(headers), c.headers)
		want(t, name+": right ones", right, c.right)
		if name == "previous" && !verify(t, b.published("rsa")[1], "", h.body, decode(t, "", headers[0])) {
			t.Error("the previous key, still published, does not verify")
		}
	}
}

func TestShiftedTime(t *testing.T) {
	b := start(t, nil)
	s := b.create()
	b.set(func(set *Settings) { set.TimestampHeader, set.TimestampShift = "X-Time", -600 })
	_, err := b.Callback(t.Context(), s.id, Message{})
	b.must(err)
	want(t, "the time", b.shop.callbacks()[0].header.Get("X-Time"), noon.Add(-10*time.Minute).Unix())
	if _, err := b.Replay(t.Context(), s.id); err != nil {
		t.Fatal(err)
	}
	first, second := b.shop.callbacks()[0], b.shop.callbacks()[1]
	want(t, "replayed body", string(second.body), string(first.body))
	want(t, "replayed signature", second.header.Get("Content-Signature"), first.header.Get("Content-Signature"))
	want(t, "replayed time", second.header.Get("X-Time"), first.header.Get("X-Time"))
	if _, err := b.Replay(t.Context(), b.create().id); err == nil {
		t.Error("a callback that was never sent was replayed")
	}
}

func TestWhatACallbackSays(t *testing.T) {
	b := start(t, nil)
	s, other := b.approved(), b.create()
	last := func() string { all := b.shop.callbacks(); return string(all[len(all)-1].body) }
	base := `"order_ref":"12345","status":"APPROVED","amount":120.00,"currency":"BYN"`
	want(t, "the plain one", last(), `{"session_id":"`+s.id+`",`+base+`}`)
	want(t, "its type", b.shop.callbacks()[0].header.Get("Content-Type"), "application/json")
	for name, c := range map[string]struct {
		edit func(*Settings)
		m    Message
		body string
	}{
		"minor units": {func(s *Settings) { s.AmountFormat = "minor" }, Message{}, `"amount":12000,`},
		"strings":     {func(s *Settings) { s.AmountFormat = "string" }, Message{}, `"amount":"120.00",`},
		"without": {func(s *Settings) {
			s.CallbackOmit = []string{"session_id", "amount", "currency"}
		}, Message{}, `{"order_ref":"12345","status":"APPROVED"}`},
		"extra":   {func(s *Settings) { s.CallbackExtra = true }, Message{}, `"currency":"BYN","channel":"mobile"}`},
		"swapped": {func(s *Settings) { s.SwapSession = other.id }, Message{}, `{"session_id":"` + other.id + `",`},
		"forged": {func(*Settings) {}, Message{Status: "REFUNDED", SessionID: "x", OrderRef: "y", Amount: 1, Currency: "USD",
			RefundID: "rf", Refunded: 205},
			`{"session_id":"x","order_ref":"y","status":"REFUNDED","amount":0.01,"currency":"USD","refund_id":"rf",` +
				`"refunded_amount":2.05}`},
	} {
		b.set(func(set *Settings) { *set = Settings{}; c.edit(set) })
		_, err := b.Callback(t.Context(), s.id, c.m)
		b.must(err)
		if !strings.Contains(last(), c.body) {
			t.Errorf("%s: %s", name, last())
		}
	}
}

func TestHowCallbacksGo(t *testing.T) {
	for callback, told := range map[string]string{"": "REJECTED APPROVED", "drop": "",
		"double": "REJECTED REJECTED APPROVED APPROVED", "hold": ""} {
		b := start(t, func(o *Options) { o.Settings.Callback = callback })
		s := b.create()
		b.must(b.Reject(s.id))
		b.must(b.Approve(s.id))
		want(t, callback, b.shop.words(t), told)
		b.set(func(set *Settings) { set.Callback = "" })
		answers, err := b.Deliver(t.Context(), "", true)
		b.must(err)
		if callback == "hold" {
			want(t, "held, newest first", b.shop.words(t), "APPROVED REJECTED")
			want(t, "answers", answers, "[204 204]")
		} else {
			want(t, callback+" leaves nothing waiting", answers, "[]")
		}
	}
	for callback, status := range map[string]string{"early": "PENDING", "early_paid": "APPROVED"} {
		b := start(t, func(o *Options) { o.Settings.Callback = callback })
		s := b.create()
		want(t, callback+" told", b.shop.words(t), "APPROVED")
		want(t, callback+" status", b.state(s)["status"], status)
	}
}

func TestRetries(t *testing.T) {
	b := start(t, nil)
	s := b.create()
	b.shop.answer(http.StatusServiceUnavailable)
	b.must(b.Approve(s.id))
	notice := func() string {
		a, err := b.Order(s.id)
		b.must(err)
		n := a.Notices[0]
		return n.State + " " + strconv.Itoa(n.Attempts) + " " + strconv.Itoa(n.HTTP)
	}
	want(t, "after a 503", notice(), "waiting 1 503")
	answers, err := b.Deliver(t.Context(), s.id, false)
	b.must(err)
	want(t, "second answer", answers, "[503]")
	b.shop.answer(http.StatusOK)
	_, err = b.Deliver(t.Context(), s.id, false)
	b.must(err)
	want(t, "after a 200", notice(), "delivered 3 200")
	want(t, "told", b.shop.words(t), "APPROVED APPROVED APPROVED")
	if b.shop.callbacks()[0].header.Get("Content-Signature") != b.shop.callbacks()[2].header.Get("Content-Signature") {
		t.Error("a repeat of the same bytes has another RSA signature")
	}
}

func TestRetriesEnd(t *testing.T) {
	b := start(t, nil)
	gone, unwelcome := b.create(), b.create()
	b.shop.answer(http.StatusUnauthorized)
	b.must(b.Approve(unwelcome.id))
	b.shop.Close()
	b.must(b.Approve(gone.id))
	for range 9 {
		if _, err := b.Deliver(t.Context(), "", false); err != nil && !strings.Contains(err.Error(), "callback") {
			t.Fatal(err)
		}
	}
	for id, wanted := range map[string]string{gone.id: "given_up 5", unwelcome.id: "declined 1"} {
		a, err := b.Order(id)
		b.must(err)
		want(t, "the notice", a.Notices[0].State+" "+strconv.Itoa(a.Notices[0].Attempts), wanted)
	}
	sent := b.Callbacks()
	if last := sent[len(sent)-1]; last.HTTP != 0 || last.Why == "" || strings.Contains(last.Why+last.Host, "notify") {
		t.Errorf("the history says %+v", last)
	}
}

func TestRefundCallbacks(t *testing.T) {
	for switched, told := range map[string]int{"": 2, "desk": 1, "off": 0} {
		b := start(t, func(o *Options) { o.Settings.RefundCallback = switched })
		s := b.approved()
		status, answer := b.refund(s, "20.00")
		want(t, "refund", status, 200)
		b.api.Close() // the callback follows the answer
		b.must(b.DeskRefund(s.id, 10000))
		got := b.shop.callbacks()[1:]
		want(t, switched+": callbacks", len(got), told)
		if told == 2 {
			first, second := got[0].read(t), got[1].read(t)
			want(t, "status", first["status"], "REFUNDED")
			want(t, "refund_id", first["refund_id"], answer["refund_id"])
			want(t, "total", first["refunded_amount"], "20.00")
			want(t, "amount", first["amount"], "120.00")
			want(t, "total after the desk", second["refunded_amount"], "120.00")
		}
	}
	b := start(t, func(o *Options) {
		o.Settings.CallbackOmit, o.Settings.RefundAmount = []string{"refund_id", "refunded_amount"}, "refund"
	})
	s := b.approved()
	b.must(b.DeskRefund(s.id, 1234))
	if got := b.shop.callbacks()[1].read(t); got["amount"] != json.Number("12.34") || got["status"] != "REFUNDED" ||
		got["refund_id"] != nil || got["refunded_amount"] != nil {
		t.Errorf("the desk's refund says %v", got)
	}
}

// TestWhatABankRemembersIsBounded: the oldest letters leave its memory, and names of applicants who never came.
func TestWhatABankRemembersIsBounded(t *testing.T) {
	b := start(t, nil)
	old, young := b.approved(), b.approved()
	if _, err := b.Replay(t.Context(), old.id); err != nil {
		t.Fatal(err)
	}
	for range maxLetters {
		b.keep(letter{session: young.id})
	}
	for i := range maxNames + 10 {
		b.remember(strconv.Itoa(i), "Anna")
	}
	if _, err := b.Replay(t.Context(), old.id); err == nil {
		t.Error("a letter is remembered for ever")
	}
	if len(b.last) != maxLetters || len(b.names) != maxNames || b.names[strconv.Itoa(maxNames+9)] == "" {
		t.Errorf("%d letters, %d names", len(b.last), len(b.names))
	}
}
