//go:build browser

package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a page may take to show what it should.
const patience = 30 * time.Second

// screen is a size of screen and what it is touched with.
type screen struct {
	name          string
	width, height int64
	scale         float64
	touch         bool
}

func phone() screen   { return screen{name: "phone", width: 390, height: 844, scale: 2, touch: true} }
func desktop() screen { return screen{name: "desktop", width: 1280, height: 800, scale: 1} }
func narrow() screen  { return screen{name: "narrow", width: 320, height: 640, scale: 1, touch: true} }

// tab is one tab of one customer's browser. Whatever the browser complains of while it is open fails the test.
type tab struct {
	*testing.T
	ctx    context.Context
	world  *world
	screen screen

	mu         sync.Mutex
	complaints []string
	forgiven   []string
}

// visit opens a browser of its own (own cookies, own history) at a page of the shop.
func (w *world) visit(t *testing.T, s screen, path string) *tab {
	t.Helper()
	b := w.open(w.browser, t, s, chromedp.WithNewBrowserContext())
	b.address(w.Info.ShopURL + path)
	return b
}

// another opens a second tab in the same browser.
func (b *tab) another(path string) *tab {
	b.Helper()
	second := b.world.open(b.ctx, b.T, b.screen)
	second.address(b.world.Info.ShopURL + path)
	return second
}

func (w *world) open(parent context.Context, t *testing.T, s screen, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(parent, options...)
	b := &tab{T: t, ctx: ctx, world: w}
	t.Cleanup(func() {
		b.reportComplaints()
		closeTab()
	})
	b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, audits.Enable, cdp.Empty{})
		return err
	}))
	if err := chromedp.Listen(ctx, b.watch); err != nil {
		t.Fatal(err)
	}
	b.use(s)
	return b
}

// watch collects what a developer would see in red.
func (b *tab) watch(event any) {
	complain := func(format string, args ...any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.complaints = append(b.complaints, fmt.Sprintf(format, args...))
	}
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" || e.Entry.Level == "warning" {
			complain("%s %s: %s (%s)", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			for _, a := range e.Args {
				complain("the page wrote to the console: %s", describe(a))
			}
		}
	case *runtime.EventExceptionThrown:
		complain("exception: %s: %s (%s)", e.ExceptionDetails.Text, describe(e.ExceptionDetails.Exception),
			e.ExceptionDetails.URL)
	case *network.EventLoadingFailed:
		if !e.Canceled { // a click on the way to another page breaks a request off
			complain("%s failed to load: %s %s", e.Type, e.ErrorText, e.BlockedReason)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			complain("status %d of %s", e.Response.Status, e.Response.URL)
		}
	case *audits.EventIssueAdded:
		if e.Issue.Code == "ContentSecurityPolicyIssue" {
			d := e.Issue.Details.ContentSecurityPolicyIssueDetails
			complain("against the content security policy: %s %s", d.ViolatedDirective, d.BlockedURL)
		}
	}
}

func describe(o *runtime.RemoteObject) string {
	if o == nil {
		return "nothing"
	}
	return string(o.Value) + o.Description
}

// forgive names complaints that belong to the scenario, by a part of their text.
func (b *tab) forgive(parts ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forgiven = append(b.forgiven, parts...)
}

func (b *tab) reportComplaints() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.complaints {
		known := false
		for _, part := range b.forgiven {
			known = known || strings.Contains(text, part)
		}
		if !known {
			b.Errorf("the browser complains: %s", text)
		}
	}
}

func (b *tab) use(s screen) {
	b.Helper()
	b.screen = s
	b.show(s)
}

// show lays the page out for a screen.
func (b *tab) show(s screen) {
	b.Helper()
	options := []chromedp.EmulateViewportOption{chromedp.EmulateScale(s.scale)}
	if s.touch {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	b.do(chromedp.EmulateViewport(s.width, s.height, options...))
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.fail("%v", err)
	}
}

// address types an address into the bar.
func (b *tab) address(url string) {
	b.Helper()
	b.do(chromedp.Navigate(url))
}

// ask evaluates an expression in the page and decodes its value.
func ask[T any](b *tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression))
}

// until waits for an expression to become true, on whatever page the tab is by then.
func (b *tab) until(expression string) {
	b.Helper()
	b.wait(expression, func() (bool, error) { return ask[bool](b, "Boolean("+expression+")") })
}

// wait asks again and again. An error is news from a page that is being left; the last one is told when the time is
// over.
func (b *tab) wait(what string, met func() (bool, error)) {
	b.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(25 * time.Millisecond)
	defer again.Stop()
	for {
		ok, err := met()
		if ok {
			return
		}
		select {
		case <-again.C:
		case <-deadline.C:
			b.fail("waited in vain for %s (last error: %v)", what, err)
		}
	}
}

// see waits until an element is on the page.
func (b *tab) see(selector string) {
	b.Helper()
	b.until(fmt.Sprintf(`document.querySelector(%s)?.getClientRects().length`, quote(selector)))
}

// shows waits until an element's text is this.
func (b *tab) shows(selector, text string) {
	b.Helper()
	b.until(fmt.Sprintf(`document.querySelector(%s)?.innerText.replace(/\s+/g, " ").trim() === %s`, quote(selector),
		quote(text)))
}

// text reads what an element shows.
func (b *tab) text(selector string) string {
	b.Helper()
	b.see(selector)
	text, err := ask[string](b, fmt.Sprintf(`document.querySelector(%s).innerText.replace(/\s+/g, " ").trim()`,
		quote(selector)))
	if err != nil {
		b.fail("read %s: %v", selector, err)
	}
	return text
}

// spot is where a finger or the mouse would go, or why it cannot.
type spot struct {
	X, Y float64
	Why  string
}

// find waits until an element can be hit: loaded, scrolled into view, not covered by another.
func (b *tab) find(selector string) spot {
	b.Helper()
	var found spot
	b.wait(selector+" to be within reach", func() (bool, error) {
		var err error
		found, err = ask[spot](b, fmt.Sprintf(`(() => {
			const e = document.querySelector(%s);
			if (!e || document.readyState !== "complete") return {Why: "not there"};
			if (e.disabled) return {Why: "disabled"};
			e.scrollIntoView({block: "center", behavior: "instant"});
			const r = e.getClientRects()[0];
			if (!r) return {Why: "not shown"};
			const x = r.x + r.width / 2, y = r.y + r.height / 2, hit = document.elementFromPoint(x, y);
			return hit && e.contains(hit) ? {X: x, Y: y} : {Why: "covered by " + hit?.outerHTML.slice(0, 80)};
		})()`, quote(selector)))
		if err == nil && found.Why != "" {
			err = fmt.Errorf("%s: %s", selector, found.Why)
		}
		return err == nil, err
	})
	return found
}

// press clicks, or taps where the screen is touched.
func (b *tab) press(selector string) {
	b.Helper()
	at := b.find(selector)
	if b.screen.touch {
		b.do(chromedp.TapXY(at.X, at.Y))
		return
	}
	b.do(chromedp.MouseClickXY(at.X, at.Y))
}

// pressTwice is a double click.
func (b *tab) pressTwice(selector string) {
	b.Helper()
	at := b.find(selector)
	b.do(chromedp.MouseClickXY(at.X, at.Y), chromedp.MouseClickXY(at.X, at.Y, chromedp.ClickCount(2)))
}

// write presses a field and types.
func (b *tab) write(selector, text string) {
	b.Helper()
	b.press(selector)
	b.until(fmt.Sprintf(`document.activeElement === document.querySelector(%s)`, quote(selector)))
	b.do(chromedp.KeyEvent(text))
}

// tabTo goes to an element by the tab key alone and makes sure on the way that one always sees where one is.
func (b *tab) tabTo(selector string) {
	b.Helper()
	for range 60 {
		b.do(chromedp.KeyEvent(kb.Tab))
		here, err := ask[struct {
			There, Seen bool
			What        string
		}](b, fmt.Sprintf(`(() => {
			const e = document.activeElement;
			if (!e) return {Seen: true}; // between two pages
			const style = (n) => getComputedStyle(n);
			const ring = (n) => n && style(n).outlineStyle !== "none" && parseFloat(style(n).outlineWidth) >= 2;
			return {There: e.matches(%s), Seen: e === document.body || ring(e) || ring(e.closest("label")),
				What: e.outerHTML.slice(0, 100)};
		})()`, quote(selector)))
		if err != nil {
			b.fail("press the tab key: %v", err)
		}
		if !here.Seen {
			b.Errorf("the focus cannot be seen on %s", here.What)
		}
		if here.There {
			return
		}
	}
	b.fail("the tab key never reaches %s", selector)
}

// back is the browser's back button. The page may come from the browser's memory, so there may be no load to wait for.
func (b *tab) back() {
	b.Helper()
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		history, err := cdp.Call(ctx, t, page.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return chromedp.Void{}, err
		}
		if history.CurrentIndex == 0 {
			return chromedp.Void{}, fmt.Errorf("there is no page to go back to")
		}
		before := history.Entries[history.CurrentIndex-1]
		_, err = cdp.Call(ctx, t, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: before.ID})
		return chromedp.Void{}, err
	})
}

// toFront makes this the tab that one looks at.
func (b *tab) toFront() {
	b.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.BringToFront, cdp.Empty{})
		return err
	}))
}

// fail ends the test with a picture and the address of where it stood.
func (b *tab) fail(format string, args ...any) {
	b.Helper()
	where, err := ask[string](b, `location.href + "\n" + document.body.innerText`)
	if err != nil {
		where = err.Error()
	}
	name := "failed " + strings.ReplaceAll(b.Name(), "/", " ")
	if err := b.photograph(name); err != nil {
		name = "none: " + err.Error()
	}
	b.Fatalf(format+"\nat %s\npicture: %s", append(args, where, name)...)
}

func quote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		return `""` // a string always encodes
	}
	return string(quoted)
}

// hook is the selector of a data-testid.
func hook(name string) string { return `[data-testid="` + name + `"]` }
