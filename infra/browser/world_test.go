//go:build browser

package browser

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kassa/infra/local/stack"
	"kassa/shared/simbank/kapitalxml"
)

// screenshots is the folder of the pictures, from here.
const screenshots = "../../.build/screenshots"

// world is a running stack and a browser before it.
type world struct {
	*stack.Stack
	data     string // its folder
	browser  context.Context
	pictures string // the folder
}

// TestShop takes every way a customer and a shopkeeper go. Scenarios with switches of the bank run alone, the others
// side by side and in any order.
func TestShop(t *testing.T) {
	w := start(t, screenshots)
	t.Run("nothing yet", w.nothingYet)
	t.Run("callback dropped", w.callbackDropped)
	t.Run("bank unreachable", w.bankUnreachable)
	t.Run("together", func(t *testing.T) {
		for name, scenario := range map[string]func(*testing.T){
			"pays on a phone and is refunded": w.payAndRefund,
			"declined then paid":              w.declinedThenPaid,
			"cancels at the bank":             w.cancelAtTheBank,
			"shop cancels":                    w.shopCancels,
			"3-D Secure":                      w.secureCode,
			"locked then approved":            w.lockedThenApproved,
			"double click":                    w.doubleClick,
			"back button":                     w.backButton,
			"two tabs":                        w.twoTabs,
			"keyboard only":                   w.keyboardOnly,
			"without script":                  w.withoutScript,
			"without script, bank slow":       w.withoutScriptBankSlow,
			"languages of the bank":           w.languages,
			"languages of the shop":           w.shopLanguages,
			"mistakes":                        w.mistakes,
			"instalments approved":            w.instalmentsApproved,
			"instalments rejected":            w.instalmentsRejected,
			"instalments later":               w.instalmentsLater,
			"instalments cancelled":           w.instalmentsCancelled,
			"instalments without script":      w.instalmentsWithoutScript,
			"instalment badge":                w.instalmentBadge,
			"messages arrive":                 w.messagesArrive,
			"JSON gateway, second try":        w.jsonTriesTwiceAndRefunds,
			"JSON gateway, cancelled":         w.jsonCancelsThenPays,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				scenario(t)
			})
		}
	})
}

// start starts the stack and the browser. The schedules never tick: what becomes paid here was asked for by a page.
func start(t *testing.T, pictures string) *world {
	t.Helper()
	path, data := chromium(t), t.TempDir()
	s, err := stack.Start(t.Context(), stack.Config{
		Root: "../..", Data: data, Progress: t.Output(), Errors: t.Output(), Ticks: make(chan time.Time),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return &world{Stack: s, data: data, browser: launch(t, path), pictures: emptied(t, pictures)}
}

func chromium(t *testing.T) string {
	t.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatalf("these tests need Chromium: none of %s is in PATH (on Debian: apt-get install chromium)",
		strings.Join(names, ", "))
	return ""
}

// launch starts the browser, with a fresh profile that goes with it.
func launch(t *testing.T, path string) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en-US"))
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(end)
	ctx, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(closeBrowser)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// account is what the bank's ledger says of an order of the shop, over all its attempts. Amounts are qepik.
type account struct {
	attempts, charges int
	charged, refunded int64
}

func (w *world) ledger(order string) account {
	var sum account
	for _, a := range w.bankOrders(order) {
		sum.attempts++
		if a.Charged > 0 {
			sum.charges++
		}
		sum.charged += a.Charged
		sum.refunded += a.Refunded
	}
	return sum
}

// bankOrders are the bank's orders of one order of the shop, oldest first.
func (w *world) bankOrders(order string) (all []kapitalxml.Account) {
	for _, a := range w.Kapital.Ledger().Orders {
		if strings.HasPrefix(a.Description, "Order "+order+":") {
			all = append(all, a)
		}
	}
	return all
}

// expect compares the bank's ledger.
func (w *world) expect(t *testing.T, order string, want account) {
	t.Helper()
	if got := w.ledger(order); got != want {
		t.Errorf("the bank's ledger of order %s: %+v, want %+v", order, got, want)
	}
}

// onlyBankOrder is the id of the one bank order that an order of the shop has.
func (w *world) onlyBankOrder(t *testing.T, order string) string {
	t.Helper()
	all := w.bankOrders(order)
	if len(all) != 1 {
		t.Fatalf("order %s has %d orders at the bank, want 1", order, len(all))
	}
	return all[0].OrderID
}

// emptied gives a folder without the pictures of an earlier run.
func emptied(t *testing.T, folder string) string {
	t.Helper()
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}
