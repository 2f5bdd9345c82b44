package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kassa/shared/payment"
)

var (
	spoken  = regexp.MustCompile("(?m)(?:^|`)kassa ((?:shop|bank|payment) [a-z-]+ [^`\n]*)")
	remark  = regexp.MustCompile(` +#.*$`)
	retired = regexp.MustCompile(`--finish \S+`)
	row     = regexp.MustCompile(
		"(?m)^\\| `(amount|currency|session|status|regress|refund)`( with one in flight)?[^|]*\\|.*$")
)

// TestThePagesAreTyped runs every line of the command that README and docs/operate.md tell to type, word for word, but
// for the names that they leave open and the stage. Each names its stage.
func TestThePagesAreTyped(t *testing.T) {
	w := open(t)
	w.build()
	w.board("page-shop", "--webhook-url", "http://127.0.0.1:9/hook")
	key := w.board("paid-shop").APIKey // the pages' lines take keys of the other one away
	typed := 0
	for _, page := range []string{"README.md", filepath.Join("docs", "operate.md")} {
		text := readPage(t, page)
		for _, m := range spoken.FindAllStringSubmatch(row.ReplaceAllString(text, ""), -1) {
			line := strings.TrimSpace(remark.ReplaceAllString(m[1], ""))
			if !strings.Contains(line, " --stage ") {
				t.Errorf("%s: kassa %s names no stage", page, line)
				continue
			}
			if strings.HasPrefix(line, "shop init") { // the README's first payment has its own test
				continue
			}
			typed++
			ref := "page-" + strconv.Itoa(typed)
			if strings.HasPrefix(line, "payment refund") { // the bank must have the money
				opened := w.order(key, ref)
				w.pay(opened)
				w.typed("page-shop", line, payment.Payment{ID: parse(t, opened.ID), OrderRef: ref})
				continue
			}
			shop := "page-shop"
			if strings.HasPrefix(line, "shop rotate-key") { // each begins with a shop's first key
				shop = w.boardID(ref, "--webhook-url", "http://127.0.0.1:9/hook")
			}
			w.typed(shop, line, w.attempt(shop, ref, 1, func(*payment.Payment) {}))
		}
	}
	if typed < 30 {
		t.Errorf("only %d lines were typed", typed)
	}
}

func parse(t *testing.T, id string) payment.ID {
	t.Helper()
	parsed, ok := payment.ParseID(id)
	if !ok {
		t.Fatalf("%q is no id", id)
	}
	return parsed
}

// typed runs one line of a page about a shop and a payment.
func (w world) typed(shop, line string, p payment.Payment) {
	w.t.Helper()
	if strings.Contains(line, " --finish ") { // the id of the older key, of which there must be two
		line = retired.ReplaceAllString(line, "--finish "+w.older(shop, strings.Contains(line, "--webhook")))
	}
	names := strings.NewReplacer("--stage prod", "--stage local", "--stage $S", "--stage local", " ID ",
		" "+p.ID.String()+" ", "SHOP", shop, "DIR", shop, "my-shop", shop,
		"REF", p.OrderRef, "PART", "5.00", "$OLD", "kassa-local-payments", "new-key.env", "/dev/null", "new-secret.env",
		"/dev/null")
	if len(p.Refunds) > 0 {
		line = strings.ReplaceAll(line, "rf_...", p.Refunds[0].ID)
	}
	line = names.Replace(line)
	if strings.HasPrefix(line, "payment refund") { // a person says yes
		line += " --yes"
	}
	w.paste("kassa " + line)
}

// older is the id of the older of a shop's two keys; the newer is made, as by the page's line before.
func (w world) older(shop string, webhook bool) string {
	w.t.Helper()
	var shown struct {
		Keys    []string
		Webhook struct{ Secrets []string }
	}
	if err := json.Unmarshal([]byte(w.want(0, nil, "shop", "show", shop, "--json").out), &shown); err != nil {
		w.t.Fatal(err)
	}
	ids, flags := shown.Keys, []string{}
	if webhook {
		ids, flags = slices.Clone(shown.Webhook.Secrets), []string{"--webhook"}
		slices.Reverse(ids)
	}
	if len(ids) < 2 {
		w.want(0, nil, append([]string{"shop", "rotate-key", shop}, flags...)...)
		return w.older(shop, webhook)
	}
	return ids[0]
}

func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEachRowOfTheReviewsEndsThem: what docs/operate.md tells to type about a review does away with it.
func TestEachRowOfTheReviewsEndsThem(t *testing.T) {
	w := open(t)
	w.build()
	w.boardID("rows")
	rows := row.FindAllStringSubmatch(readPage(t, filepath.Join("docs", "operate.md")), -1)
	if len(rows) != 7 {
		t.Fatalf("%d rows", len(rows))
	}
	n := 0
	for _, r := range rows {
		reason, inFlight := payment.Review(r[1]), r[2] != ""
		lines := spoken.FindAllStringSubmatch(r[0], -1)
		if len(lines) == 0 {
			t.Errorf("the row %s tells nothing to type", reason)
		}
		for _, m := range lines {
			n++
			p := w.attempt("rows", string(reason)+"-"+string(rune('a'+n)), 1, func(p *payment.Payment) {
				p.Sequence++
				p.History = append(p.History, payment.Entry{Sequence: p.Sequence, At: p.CreatedAt, What: "review:" + string(reason),
					By: "kassa"})
				p.Reviews = []payment.Review{reason}
				if reason == payment.ReviewAmount {
					p.Captured = 14000
				}
				if inFlight {
					p.Refunds = []payment.Refund{{ID: payment.RefundID(p.ID, "k"), Amount: 2000, Status: payment.RefundUnknown,
						Origin: payment.OriginShop, RequestedAt: p.CreatedAt}}
				}
			})
			// through the bank, or to look alone: above
			if strings.HasPrefix(m[1], "payment refund") || strings.HasPrefix(m[1], "payment show") {
				continue
			}
			w.typed("rows", m[1], p)
			if now := w.shown(0, "show", p.ID.String()); len(now.Reviews) != 0 || len(now.Resolutions) != 1 {
				t.Errorf("after kassa %s: %v %v", m[1], now.Reviews, now.Resolutions)
			}
		}
	}
}
