//go:build browser

package browser

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kassa/infra/kassa/command"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/stage"
	"kassa/infra/kassa/tool"
	"kassa/shared/simbank/kapitalxml"
)

// consoleScreenshots is the folder of the console's pictures, from here.
const consoleScreenshots = "../../.build/screenshots-console"

// staffPhone and staffDesktop are what staff look at the console with.
func staffPhone() screen {
	return screen{name: "phone", width: 390, height: 844, scale: 2, touch: true}
}
func staffDesktop() screen { return screen{name: "desktop", width: 1280, height: 900, scale: 1} }

// TestConsole: on a phone and on a desktop, a day with 30 payments of all kinds is found, refunded in part, reviewed,
// compared with the bank and exported, and every screen is there for everybody by day and by night.
func TestConsole(t *testing.T) {
	w := start(t, consoleScreenshots)
	today := time.Now().In(time.FixedZone("", 4*60*60)).Format(time.DateOnly) // in Baku
	aDay(t, w)
	for name, scenario := range map[string]func(*testing.T){
		"phone":         func(t *testing.T) { w.staff(t, staffPhone(), today, wrongSum, "A-1003", "12.34") },
		"desktop":       func(t *testing.T) { w.staff(t, staffDesktop(), today, otherSum, plainOrder, "23.45") },
		"keyboard only": w.refundByKeyboard, "without script": w.consoleWithoutScript, "languages": w.consoleLanguages,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scenario(t)
		})
	}
}

// staff do a day's work: each has an order to give a sum back of, and one to decide about.
func (w *world) staff(t *testing.T, s screen, day, review, order, sum string) {
	b := w.console(t, s, "--write", "--as", "aysel")
	b.theDay(review)
	b.findAndRefund(order, sum)
	b.review(review)
	b.deliveriesAndHealth()
	b.compareTheDay(day)
	b.export(day)
}

// console starts `kassa console` as it is typed, and enters it in a browser of its own.
func (w *world) console(t *testing.T, s screen, flags ...string) *tab {
	t.Helper()
	out, in := io.Pipe()
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan int)
	go func() {
		ended <- command.Run(ctx, &tool.Tool{Console: &console.Console{Out: in, Err: t.Output()}, Now: time.Now,
			Flags: stage.Flags{Getenv: func(name string) string { return map[string]string{"KASSA_DATA": w.data}[name] }}},
			append([]string{"console", "--stage", "local", "--shop", "demo-az"}, flags...))
	}()
	t.Cleanup(func() {
		end()
		if code := <-ended; code != 0 {
			t.Errorf("kassa console ends with %d", code)
		}
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	b := w.open(w.browser, t, s, chromedp.WithNewBrowserContext())
	b.address(strings.TrimSpace(address))
	b.see(".tabs")
	return b
}

// toScreen goes to one of the screens by its link.
func (b *tab) toScreen(name string) {
	b.Helper()
	b.press(`.tabs a[href*="/` + name + `?"]`)
	b.see(`.tabs a[href*="/` + name + `?"][aria-current]`)
}

// says waits until the page's main part has a text.
func (b *tab) says(text string) {
	b.Helper()
	b.until(`document.querySelector("main")?.innerText.replace(/\s+/g, " ").includes(` + quote(text) + `)`)
}

func (b *tab) theDay(review string) {
	b.toScreen("today")
	b.says(review)
	b.look("1 today")
	b.forDocs("today")
	b.toScreen("payments")
	b.see(".list")
	b.look("2 payments")
	b.forDocs("payments")
}

// findOrder looks for a number in the payments, as somebody who has it on a receipt.
func (b *tab) findOrder(ref string) {
	b.toScreen("payments")
	b.write("#find", ref)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelectorAll(".list tbody tr").length === 1`)
	b.press(".list tbody a")
	b.shows("h1", ref)
}

func (b *tab) findAndRefund(ref, sum string) {
	b.forgive("422") // what is wrong with a form is said with its status
	b.findOrder(longOrder)
	b.look("3 long order")
	b.findOrder(ref)
	b.look("3 payment")
	b.press(`.acts a[href$="/refund"]`)
	b.look("4 refund form")
	b.choose("#amount", "")
	b.write("#amount", "9999")
	b.write("#reason", "one glass broke")
	b.press(".form .buttons button")
	b.see(`[role="alert"]`)
	b.look("4 refund too much")
	b.choose("#amount", "")
	b.write("#amount", sum)
	b.press(".form .buttons button")
	b.see("#question")
	b.look("4 refund question")
	b.forDocs("refund")
	b.press(".buttons .danger")
	b.see(".note.good")
	b.says(sum)
	b.look("5 refunded in part")
	b.forDocs("payment")
	minor := strings.Replace(sum, ".", "", 1)
	if !slices.ContainsFunc(b.world.Kapital.Ledger().Orders, func(a kapitalxml.Account) bool {
		return strconv.FormatInt(a.Refunded, 10) == minor
	}) {
		b.Errorf("the bank has not given %s back of %s", sum, ref)
	}
}

func (b *tab) review(ref string) {
	b.toScreen("reviews")
	b.says(ref)
	b.look("6 reviews")
	b.forDocs("reviews")
	b.findOrder(ref)
	b.see(".review")
	b.look("6 payment under review")
	b.press(".review .button")
	b.see("fieldset")
	b.look("7 decision")
	b.press(`input[name="choice"]`)
	b.write("#reason", "the bank's desk, by telephone")
	b.press(".form .buttons button")
	b.see("#question")
	b.look("7 decision question")
	b.press(".buttons button")
	b.see(".note.good")
	b.until(`!document.querySelector(".review")`)
	b.look("8 decided")
}

func (b *tab) deliveriesAndHealth() {
	b.toScreen("deliveries")
	b.says("410")
	b.look("9 deliveries")
	b.toScreen("health")
	b.see("#keys")
	b.look("10 health")
	b.press(".head button")
	b.says("TLS 1.3")
	b.look("10 health asked")
	b.forDocs("health")
}

func (b *tab) compareTheDay(day string) {
	b.toScreen("reconciliation")
	b.look("11 reconciliation")
	b.choose("#day", day)
	b.press(".again button")
	b.see("progress")
	b.picture("11 progress " + b.screen.name)
	b.see("#report")
	b.says(deskOrder)
	b.look("12 report")
	b.forDocs("reconciliation")
}

// export downloads the day's sheet as a person does, and looks into it.
func (b *tab) export(day string) {
	b.toScreen("payments")
	b.choose("#from", day)
	b.press(".filters button")
	b.until(`location.search.includes("from=` + day + `")`)
	folder := b.TempDir()
	events := true
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Call(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
			BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID,
			Behavior:         browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder, EventsEnabled: &events})
		return err
	}))
	b.press(`a[href*="payments.csv"]`)
	b.wait("the sheet", func() (bool, error) {
		files, err := filepath.Glob(filepath.Join(folder, "*.csv"))
		if err != nil || len(files) != 1 {
			return false, err
		}
		text, err := os.ReadFile(files[0])
		return strings.Count(string(text), "\r\n") == 31 && strings.Contains(string(text), plainOrder), err
	})
}
