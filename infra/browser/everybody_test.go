//go:build browser

package browser

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// docsPictures takes the pictures of docs/ anew, as make pictures does.
var docsPictures = flag.Bool("docs-pictures", false, "take the pictures of docs/pictures anew")

// axeSource is what make browser installs.
const axeSource = "../../.cache/browser/node_modules/axe-core/axe.min.js"

// look looks at a page of the console as it is, by day and by night unless one of them is named, as a small phone would
// show it, and with axe.
func (b *tab) look(name string, schemes ...string) {
	b.Helper()
	if len(schemes) == 0 {
		schemes = []string{"dark", "light"}
	}
	b.until(`document.readyState === "complete"`)
	small := narrow()
	small.width = 360
	b.show(small)
	b.check(name, "width")
	b.uncut(name)
	b.show(b.screen)
	touch := ""
	if b.screen.touch {
		touch = "sizes "
	}
	for _, scheme := range schemes {
		b.scheme(scheme)
		b.check(name+" "+scheme, touch+"words colours")
		b.axe(name + " " + scheme)
		b.picture(name + " " + b.screen.name + " " + scheme)
	}
}

// uncut makes sure that no card cuts off what stands in it.
func (b *tab) uncut(name string) {
	b.Helper()
	cut, err := ask[[]string](b, `[...document.querySelectorAll(".card")].filter((e) => e.scrollWidth > e.clientWidth)
		.map((e) => (e.getAttribute("aria-labelledby") ?? e.className) + " by " + (e.scrollWidth - e.clientWidth) + " px")`)
	if err != nil {
		b.fail("look whether %s is cut off: %v", name, err)
	}
	for _, text := range cut {
		b.Errorf("%s: cut off at 360 px: %s", name, text)
	}
}

// axe lets axe-core look at the page. It is put into the page by the debugger, which the page's policy does not bind.
func (b *tab) axe(name string) {
	b.Helper()
	source, err := os.ReadFile(axeSource)
	if err != nil {
		b.Fatalf("axe-core is not there (make browser installs it): %v", err)
	}
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](string(source)+`;
		axe.run(document, {resultTypes: ["violations"]}).then((r) => r.violations.flatMap((v) =>
			v.nodes.map((n) => v.id + ": " + v.help + ": " + n.html.slice(0, 120) + " " + n.failureSummary)))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		b.fail("let axe look at %s: %v", name, err)
	}
	for _, text := range found {
		b.Errorf("%s: axe: %s", name, text)
	}
}

// forDocs takes the picture that docs/ shows, of the desktop by day and not longer than a screen.
func (b *tab) forDocs(name string) {
	b.Helper()
	if !*docsPictures || b.screen.touch {
		return
	}
	b.until(`(scrollTo(0, 0), true)`)
	taken, err := chromedp.Call(b.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng})
	if err == nil {
		err = os.WriteFile(filepath.Join("../../docs/pictures", name+".png"), taken.Data, 0o644)
	}
	if err != nil {
		b.fail("take the picture %s for the docs: %v", name, err)
	}
}

// choose sets a field's value, as a person who picks it from the browser's own chooser.
func (b *tab) choose(selector, value string) {
	b.Helper()
	b.see(selector)
	b.until(`(document.querySelector(` + quote(selector) + `).value = ` + quote(value) + `, true)`)
}

// A part goes back by the keyboard alone, from the first page to the question's answer.
func (w *world) refundByKeyboard(t *testing.T) {
	b := w.console(t, staffDesktop(), "--write", "--as", "aysel")
	b.tabTo(`.tabs a[href*="/payments?"]`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.see("#find")
	b.tabTo("#find")
	b.do(chromedp.KeyEvent("A-1004"), chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelectorAll(".list tbody tr").length === 1`)
	b.tabTo(".list tbody a")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.shows("h1", "A-1004")
	b.tabTo(`.acts a[href$="/refund"]`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.see("#amount")
	b.tabTo("#amount") // its text is marked, so that typing takes its place
	b.do(chromedp.KeyEvent("5.00"))
	b.tabTo("#reason")
	b.do(chromedp.KeyEvent("one glass broke"), chromedp.KeyEvent(kb.Enter))
	b.see("#question")
	b.says("5.00")
	b.tabTo(".buttons .danger")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.see(".note.good")
	b.says("5.00")
}

// Without script everything works, a reconciliation with its progress included; who only looks sees no way to change.
func (w *world) consoleWithoutScript(t *testing.T) {
	b := w.console(t, staffPhone())
	here, err := ask[string](b, `location.href`)
	if err != nil {
		t.Fatal(err)
	}
	b.scriptless()
	b.address(here)
	b.toScreen("reconciliation")
	b.press(".again button")
	b.see("#report")
	b.toScreen("today")
	b.see("[data-without-script]")
	b.findOrder(goneOrder)
	if found, err := ask[bool](b, `Boolean(document.querySelector(
		"a[href$='/refund'], [action$='/cancel'], [action$='/redeliver'], .danger"))`); err != nil ||
		found {
		t.Errorf("who only looks is offered a change (%v)", err)
	}
}

// Each screen in each language is as wide as the screen.
func (w *world) consoleLanguages(t *testing.T) {
	b := w.console(t, staffPhone(), "--write", "--as", "aysel")
	for _, language := range []string{"az", "be", "ru"} {
		b.press(`.tongues a[lang="` + language + `"]`)
		b.until(`document.documentElement.lang === "` + language + `"`)
		for _, name := range []string{"today", "payments", "reviews", "deliveries", "reconciliation", "health"} {
			b.toScreen(name)
			b.look("language "+language+" "+name, "light")
		}
	}
}
