package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/infra/local/demoshop/inbox"
	"kassa/shared/simbank/kapitaltxpg"
)

// A card that only the canary test types: it passes the check digit and the bank declines it. Its security code has
// four digits, so that it can be told from other numbers.
const (
	canaryPAN = "5218070912345675"
	canaryCVV = "7319"
	canaryKey = "canarySecretThatNoShopHas5b21"
)

func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// TestCanary plants secrets wherever a stranger, a shop or a bank could put them. The audit at the end of the run looks
// for them.
func TestCanary(t *testing.T) {
	w := shared(t)
	p := w.open(t, 1, 1100)
	bank, err := url.Parse(p.RedirectURL)
	if err != nil {
		t.Fatal(err)
	}
	if !w.watch.opensPage(bank.Query().Get("SESSIONID")) {
		t.Fatal("what opens the page is not known: the search for it proves nothing")
	}
	typed := card(canaryPAN)
	typed.Set("cvv", canaryCVV)
	at, err := w.browser.atBank(t.Context(), p.RedirectURL, typed)
	if err == nil {
		at, err = w.browser.home(t.Context(), at)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.browser.landed(t, at, p.ID, "decline", "declined")

	other := w.shop
	other.bearer = "sk_demo-az_k1_" + canaryKey
	other.must(t, []int{401}, "GET", "/v1/payments/"+p.ID, nil)
	other.bearer = "ct_" + canaryKey
	other.must(t, []int{404}, "GET", "/v1/payments/"+p.ID, nil)
	other.bearer = secondKey
	mine := order("canary-refused", w.Info.ShopURL, 1200)
	mine["metadata"] = map[string]string{"note": "card " + canaryPAN}
	problem := read[problemDoc](t, other.must(t, []int{422}, "POST", "/v1/payments", mine))
	if len(problem.Errors) != 1 || problem.Errors[0].Code != "card_number" {
		t.Errorf("a card number in metadata: %v", problem)
	}
	live := read[paymentDoc](t, other.must(t, []int{201}, "POST", "/v1/payments",
		order("canary-live", w.Info.ShopURL, 1200)))
	w.watch.token(strings.TrimPrefix(live.ClientToken, "ct_"))
	message := "<Message><OrderID>1</OrderID><PAN>" + canaryPAN + "</PAN><CVV>" + canaryCVV + "</CVV></Message>"
	for _, body := range []url.Values{{"xmlmsg": {message}}, {"pan": {canaryPAN}, "cvv": {canaryCVV}, canaryPAN: {"x"}},
		{"orderid": {canaryPAN}, "status": {canaryPAN}}} {
		w.age(t, live.ID, 10*time.Second) // else the bank is asked only when its five seconds are over
		at, err := url.Parse(w.callbackURL(t, live.ID, "return") + "?pan=" + canaryPAN)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.browser.fetch(t.Context(), http.MethodPost, at, body); err != nil {
			t.Fatal(err)
		}
	}
	other.must(t, []int{200}, "POST", "/v1/payments/"+live.ID+"/cancel", nil)
}

// TestOrderPasswordIsToldToNobody: what opens the page of an order at the JSON gateway comes back in the customer's
// address, as some installations have it, and ends there. The audit at the end of the run looks for it in all logs,
// messages and answers; here is what only the customer's browser sees.
func TestOrderPasswordIsToldToNobody(t *testing.T) {
	w := shared(t)
	w = w.over(overJSON(w.Stack))
	if err := w.KapitalTXPG.Set(func(s *kapitaltxpg.Settings) { s.ReturnPassword = true }); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.bank.Reset(false); err != nil {
			t.Error(err)
		}
	}()
	typed := card(canaryPAN)
	typed.Set("cvv", canaryCVV)
	for n, ends := range []url.Values{w.bank.approved, typed, {"action": {"cancel"}}} {
		p := w.open(t, n, 1300)
		page, err := url.Parse(p.RedirectURL)
		if err != nil {
			t.Fatal(err)
		}
		password := page.Query().Get("password")
		if !w.watch.opensPage(password) {
			t.Fatal("what opens the page is not known: the search for it proves nothing")
		}
		at, err := w.browser.toTheEnd(t.Context(), p.RedirectURL, ends, nil)
		if err != nil || !strings.Contains(at.location(), "PASSWORD="+password) {
			t.Fatalf("the bank does not bring the password back: %s %v", at, err)
		}
		if at, err = w.browser.home(t.Context(), at); err != nil || at.status != http.StatusSeeOther {
			t.Fatal(at, err)
		}
		if told := fmt.Sprint(at.header, at.html); strings.Contains(told, password) {
			t.Errorf("the customer is sent on with the password: %s", told)
		}
		if again := w.poll(t, p.ID); again.RedirectURL != "" {
			t.Errorf("the page of an order that is over is still told: %+v", again)
		}
	}
}

// secrets are what no log, no answer and no table may hold, and those that only logs and answers may not.
func (w world) secrets(ctx context.Context) (nowhere, unlogged []string, err error) {
	out, err := vault(w.Stack).GetSecretValue(ctx,
		&secretsmanager.GetSecretValueInput{SecretId: aws.String("kassa/local/bank/demo-az/kapital")})
	if err != nil {
		return nil, nil, err
	}
	var bank struct {
		Key string `json:"key"`
	}
	if err := json.Unmarshal([]byte(aws.ToString(out.SecretString)), &bank); err != nil {
		return nil, nil, err
	}
	lines := strings.Split(bank.Key, "\n")
	if len(lines) < 3 {
		return nil, nil, errors.New("the bank secret holds no key to look for")
	}
	_, key := w.KartaPokupok.PKI().Client()
	nowhere = append([]string{secondSecret, canaryPAN, cardApproved, cardApprovedJSON, canaryKey,
		canaryPAN[:6] + "******"}, customerTexts()...)
	login := base64.StdEncoding.EncodeToString([]byte("TerminalSys/kapital:kapital123"))
	unlogged = append([]string{lines[1], strings.Split(string(key), "\n")[1], "PRIVATE KEY", "kapital123", login,
		cardApproved[:6] + "******"}, // masked it stands in receipts, and in no log
		nowhere...)
	w.watch.mu.Lock()
	defer w.watch.mu.Unlock()
	return nowhere, slices.Concat(unlogged, w.watch.keys, w.watch.tokens), nil
}

var loneCVV = regexp.MustCompile(`(^|[^0-9A-Za-z.])` + canaryCVV + `([^0-9A-Za-z]|$)`)

// silent looks through everything that the functions wrote and that the API answered.
func (w world) silent() error {
	_, unlogged, err := w.secrets(context.Background())
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(w.LogFolder(), "*.log"))
	if err != nil || len(files) < 5 {
		return fmt.Errorf("%d logs (%w)", len(files), err)
	}
	w.watch.mu.Lock()
	defer w.watch.mu.Unlock()
	all := append([]error{}, w.watch.broken...)
	lines := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			lines++
			all = append(all, soundLine(filepath.Base(file), strings.TrimSpace(line), unlogged))
			if w.watch.opensPage(line) {
				all = append(all, fmt.Errorf("%s: what opens a page at the bank stands in: %.300s", filepath.Base(file), line))
			}
		}
	}
	heard, err := w.Shop.Inbox().Messages(inbox.Filter{})
	all = append(all, err)
	for _, m := range heard {
		if w.watch.opensPage(m.Body) {
			all = append(all, fmt.Errorf("the message %s holds what opens a page at the bank", m.ID))
		}
	}
	fmt.Printf("audit: %d log lines hold none of %d secrets, nor they and %d messages what opens any of %d pages\n", lines,
		len(unlogged), len(heard), len(w.watch.pages))
	return errors.Join(all...)
}

// outsideRequests are the lines that a function may write before it serves anybody.
var outsideRequests = map[string]bool{"the table could not be reached ahead of the first request": true}

func soundLine(file, line string, unlogged []string) error {
	var fields struct {
		Level     string `json:"level"`
		Message   string `json:"message"`
		RequestID string `json:"request_id"`
	}
	if err := json.Unmarshal([]byte(line), &fields); err != nil || fields.Level == "" || fields.Message == "" {
		return fmt.Errorf("%s: not a JSON line with level and message: %.200s", file, line)
	}
	if fields.RequestID == "" && file != "ExpirySweep.log" && file != "Notify.log" && !outsideRequests[fields.Message] {
		return fmt.Errorf("%s: no request_id: %.200s", file, line)
	}
	for _, secret := range unlogged {
		if strings.Contains(line, secret) {
			return fmt.Errorf("%s: a secret stands in: %.300s", file, line)
		}
	}
	if loneCVV.MatchString(line) {
		return fmt.Errorf("%s: the CVV stands in: %.300s", file, line)
	}
	return sent{}.add(line)
}

// unstored looks through the bytes of the closed files: the engine's, which is the table, its stream and Kassa's own
// secrets; the demo shop's; and the books of the bank that was told of the customer. secrets are what none of them may
// hold.
func (w world) unstored(secrets []string) error {
	folder := filepath.Dir(w.InfoFile())
	var all []error
	for file, refs := range map[string][]string{
		"engine.db":            slices.Concat(w.watch.refs["xml"], w.watch.refs["json"], w.watch.applied),
		"demoshop.db":          w.watch.bought,
		"kartapokupok/bank.db": w.watch.applied,
	} {
		stored, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			return err
		}
		for _, ref := range refs {
			if !bytes.Contains(stored, []byte(ref)) {
				all = append(all, fmt.Errorf("%s does not hold %s: the search proves nothing", file, ref))
			}
		}
		for _, secret := range secrets {
			if bytes.Contains(stored, []byte(secret)) {
				all = append(all, fmt.Errorf("%s holds %s", file, secret))
			}
		}
		if file == "engine.db" && loneCVV.Match(stored) {
			all = append(all, errors.New("the engine's file holds the CVV"))
		}
	}
	return errors.Join(all...)
}

// untold looks through what the bank that sells by instalments keeps for its own staff: none of it names the customer.
func (w world) untold() error {
	history, err := json.Marshal(map[string]any{"requests": w.KartaPokupok.Requests(),
		"callbacks": w.KartaPokupok.Callbacks(), "ledger": w.KartaPokupok.Ledger()})
	if err != nil {
		return err
	}
	for _, text := range customerTexts() {
		if bytes.Contains(history, []byte(text)) {
			err = errors.Join(err, fmt.Errorf("the bank's history holds %s", text))
		}
	}
	return err
}

// sum adds up what an order's attempts hold.
func sum(a answer) (captured, refunded int64, err error) {
	var list struct {
		Payments []paymentDoc `json:"payments"`
	}
	if err := json.Unmarshal(a.body, &list); err != nil || a.status != http.StatusOK {
		return 0, 0, fmt.Errorf("%s: %w", a, err)
	}
	for _, p := range list.Payments {
		captured, refunded = captured+p.Captured, refunded+p.Refunded
	}
	return captured, refunded, nil
}
