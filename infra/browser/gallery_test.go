//go:build browser

package browser

import (
	"context"
	_ "embed" // for the inspection
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

//go:embed inspect.js
var inspection string

// inspect looks at the page that a tab shows as different people see it: on a small phone, a phone and a desktop, by
// day and by night, and keeps a picture of each but the first. What is wrong for somebody is reported; the test goes
// on.
func (b *tab) inspect(name string) {
	b.Helper()
	b.until(`document.readyState === "complete"`)
	b.show(narrow())
	b.check(name, "width")
	b.show(phone())
	b.check(name, "sizes words colours")
	b.picture(name + " phone")
	b.scheme("dark")
	b.check(name+" by night", "colours")
	b.picture(name + " phone night")
	b.scheme("light")
	b.show(desktop())
	b.check(name, "width")
	b.picture(name + " desktop")
	b.show(b.screen)
}

func (b *tab) check(name, what string) {
	b.Helper()
	wrong, err := ask[[]string](b, inspection+"("+quote(what)+")")
	if err != nil {
		b.fail("inspect %s: %v", name, err)
	}
	for _, text := range wrong {
		b.Errorf("%s: %s", name, text)
	}
}

func (b *tab) scheme(colours string) {
	b.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours},
				{Name: "prefers-reduced-motion", Value: "reduce"}}, // so that no colour is caught halfway
		})
		return err
	}))
}

func (b *tab) picture(name string) {
	b.Helper()
	if err := b.photograph(name); err != nil {
		b.fail("take a picture of %s: %v", name, err)
	}
}

// photograph takes the whole page, also what is below the screen.
func (b *tab) photograph(name string) error {
	beyond, fast := true, true
	taken, err := chromedp.Call(b.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &beyond, OptimizeForSpeed: &fast,
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.world.pictures, name+".png"), taken.Data, 0o644)
}
