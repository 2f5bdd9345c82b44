package e2e

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// signatureHeader is where the bank's signature stands unless the bank secret says otherwise.
const signatureHeader = "Content-Signature"

// sign signs as the bank does: RSA with SHA-256 over the bytes, in base64. The key is the bank's "current" one or a
// "foreign" one.
func (b borrower) sign(t testing.TB, body, key string) string {
	t.Helper()
	signer, err := b.KartaPokupok.PKI().Signer("rsa", key)
	b.must(t, err)
	sum := sha256.Sum256([]byte(body))
	raw, err := signer.Sign(rand.Reader, sum[:], crypto.SHA256)
	b.must(t, err)
	return base64.StdEncoding.EncodeToString(raw)
}

// approval is what the bank writes about an approved application.
func approval(p paymentDoc) string {
	return fmt.Sprintf(`{"session_id":%q,"order_ref":%q,"status":"APPROVED","amount":%d.%02d,"currency":"BYN"}`,
		p.BankOrderID, p.OrderRef, p.Amount/100, p.Amount%100)
}

// message is a callback that somebody sends.
type message struct {
	kind, body string
	signatures []string
}

func (b borrower) send(t testing.TB, address string, m message) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(m.body))
	b.must(t, err)
	r.Header.Set("Content-Type", m.kind)
	for _, signature := range m.signatures {
		r.Header.Add(signatureHeader, signature)
	}
	response, err := b.browser.http.Do(r)
	b.must(t, err)
	b.must(t, response.Body.Close())
	return response.StatusCode
}

// forgeries are the right message, altered in each byte of the body and each letter of the signature, and signed
// otherwise.
func (b borrower) forgeries(t testing.TB, right message) map[string]message {
	t.Helper()
	body, signature := right.body, right.signatures[0]
	with := func(kind, body string, signatures ...string) message { return message{kind, body, signatures} }
	all := map[string]message{
		"no header":          with("application/json", body),
		"an empty header":    with("application/json", body, ""),
		"two right headers":  with("application/json", body, signature, signature),
		"a wrong one first":  with("application/json", body, b.sign(t, body, "foreign"), signature),
		"a foreign key":      with("application/json", body, b.sign(t, body, "foreign")),
		"a space at the end": with("application/json", body+" ", signature),
		"no body":            with("application/json", "", signature),
		"another body":       with("application/json", strings.Replace(body, "APPROVED", "REJECTED", 1), signature),
		"encoded body":       with("application/json", base64.StdEncoding.EncodeToString([]byte(body)), signature),
	}
	for i := range len(body) {
		altered := []byte(body)
		altered[i] ^= 1
		all[fmt.Sprintf("byte %d of the body", i)] = with([]string{"application/json", "application/octet-stream"}[i%2],
			string(altered), signature)
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range len(strings.TrimRight(signature, "=")) {
		altered := bytes.Clone([]byte(signature))
		altered[i] = alphabet[strings.IndexByte(alphabet, altered[i])^1]
		all[fmt.Sprintf("letter %d of the signature", i)] = with("application/json", body, string(altered))
	}
	return all
}

// TestForgedSignaturesChangeNothing: the bank has approved and cannot say so, hence any message that is let in makes
// the payment paid. None of the forged ones is, and nobody is asked for them; then the right one is, though the
// function URL delivers it in base64.
func TestForgedSignaturesChangeNothing(t *testing.T) {
	b := switched(t)
	p := b.apply(t, 1)
	b.must(t, b.KartaPokupok.Set(func(s *kartapokupoksim.Settings) { s.Callback = "drop" }))
	b.must(t, b.KartaPokupok.Approve(p.BankOrderID))
	body, address := approval(p), b.callbackURL(t, p.ID, "notify")
	right := message{"application/octet-stream", body, []string{b.sign(t, body, "current")}}
	before, err := b.item(t.Context(), p.ID)
	b.must(t, err)
	forged := b.forgeries(t, right)
	for name, m := range forged {
		if status := b.send(t, address, m); status != http.StatusUnauthorized {
			t.Errorf("%s: %d, want 401", name, status)
		}
	}
	after, err := b.item(t.Context(), p.ID)
	b.must(t, err)
	if !reflect.DeepEqual(before, after) || b.count(p, "status") != 0 {
		t.Errorf("forged callbacks changed the item, or the bank was asked %d times", b.count(p, "status"))
	}
	t.Logf("%d forged callbacks", len(forged))
	if status := b.send(t, address, right); status != http.StatusOK {
		t.Errorf("the right one in base64: %d", status)
	}
	same := right // the same signature, in base64's other alphabet and without what fills it up
	same.signatures = []string{strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(right.signatures[0])}
	if status := b.send(t, address, same); status != http.StatusOK {
		t.Errorf("the right one in base64url: %d", status)
	}
	if got := b.text(t, p.ID, "status"); got != "paid" {
		t.Errorf("stored as %s", got)
	}
	b.stands(t, p.ID, "paid", 12000, 0)
}

// TestSignedMessageAboutAnotherPayment: the bank's own signature, at the address of another payment.
func TestSignedMessageAboutAnotherPayment(t *testing.T) {
	b := shared(t).borrower()
	paid, open := b.approved(t, 1), b.apply(t, 2)
	body := approval(paid)
	if status := b.send(t, b.callbackURL(t, open.ID, "notify"),
		message{"application/json", body, []string{b.sign(t, body, "current")}}); status >= 500 {
		t.Errorf("%d", status)
	}
	if p := b.poll(t, open.ID); p.Status != "pending" || p.Captured != 0 || p.Review != "session" {
		t.Errorf("%s captured %d review %q", p.Status, p.Captured, p.Review)
	}
	b.stands(t, paid.ID, "paid", 12000, 0)
}

// TestReplayedApprovalPaysOnce: a hundred times the same bytes, on a paid payment and on one that the bank does not
// confirm.
func TestReplayedApprovalPaysOnce(t *testing.T) {
	b := switched(t)
	began := time.Now()
	allowed := func() int { return 1 + int(time.Since(began)/(5*time.Second)) }
	p := b.apply(t, 1)
	answers, err := b.KartaPokupok.Callback(t.Context(), p.BankOrderID,
		kartapokupoksim.Message{Status: "APPROVED", Count: 100})
	if err != nil || len(answers) != 100 || answers[99] != http.StatusOK {
		t.Fatal(answers, err)
	}
	if asked := b.count(p, "status"); asked < 1 || asked > allowed() {
		t.Errorf("%d questions for a hundred messages that the bank denies, want 1 to %d", asked, allowed())
	}
	if got, kept := b.text(t, p.ID, "status"), b.notices(t, p.ID); got != "pending" || kept != 1 {
		t.Errorf("%s, %d notices kept, want one", got, kept)
	}
	b.age(t, p.ID, 10*time.Second)
	b.must(t, b.KartaPokupok.Approve(p.BankOrderID))
	paid := b.stands(t, p.ID, "paid", 12000, 0)
	asked := b.count(p, "status")
	for range 100 {
		if status, err := b.KartaPokupok.Replay(t.Context(), p.BankOrderID); err != nil || status != http.StatusOK {
			t.Fatal(status, err)
		}
	}
	if now := b.stands(t, p.ID, "paid", 12000, 0); now.Sequence != paid.Sequence {
		t.Errorf("replays moved the payment from %d to %d", paid.Sequence, now.Sequence)
	}
	if more := b.count(p, "status") - asked; more > allowed() {
		t.Errorf("%d questions more for a hundred replays", more)
	}
}
