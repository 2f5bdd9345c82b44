package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"kassa/infra/explore/search"
	"kassa/infra/explore/world"
)

// The picture's measures, in pixels.
const (
	labelWidth = 200
	cellWidth  = 46
	cellHeight = 20
)

// picture is one in the making.
type picture struct {
	strings.Builder
	y int
}

// Chart is the picture of how many histories had each kind of fault at each call, as SVG: the darker, the more. A call
// that cannot meet a kind has no field there; one that has not met what it can is red.
func Chart(r Results) string {
	kinds := r.kinds()
	p := &picture{y: 10}
	for _, c := range r.Banks {
		p.panel(c, kinds)
	}
	p.y += cellHeight
	p.text(10, "The number is that of histories, in thousands where there is a k. A call that cannot meet a fault has no"+
		" field.", "")
	p.y += 10
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" `+
		`font-size="11" role="img" aria-label="How many histories had each kind of fault at each call">`+
		"\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n%s</svg>\n", labelWidth+len(kinds)*cellWidth+20, p.y,
		p.String())
}

// panel draws the fields of a bank.
func (p *picture) panel(c search.Counts, kinds []world.Kind) {
	p.y += cellHeight
	p.text(10, c.Bank, ` font-weight="bold"`)
	for i, kind := range kinds {
		p.text(labelWidth+i*cellWidth+cellWidth/2, string(kind), ` text-anchor="middle"`)
	}
	all := met(c)
	for _, call := range calls(c) {
		p.y += cellHeight
		p.text(labelWidth-8, call, ` text-anchor="end"`)
		for i, kind := range kinds {
			if slices.Contains(world.Kinds(call), kind) {
				p.field(labelWidth+i*cellWidth, all[call][kind])
			}
		}
	}
	p.y += cellHeight / 2
}

// field draws one field.
func (p *picture) field(x, n int) {
	ground, ink := "#c0392b", "#fff"
	if n > 0 {
		shade := min(math.Log10(float64(n))/6, 1) // a million is the darkest
		light := 93 - shade*65
		ground = fmt.Sprintf("hsl(205,55%%,%.0f%%)", light)
		if light > 55 {
			ink = "#222"
		}
	}
	fmt.Fprintf(&p.Builder, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", x, p.y-cellHeight+6,
		cellWidth-1, cellHeight-1, ground)
	p.text(x+cellWidth/2, short(n), ` text-anchor="middle" fill="`+ink+`"`)
}

// short writes a number in the room of a field.
func short(n int) string {
	switch {
	case n >= 10_000:
		return fmt.Sprintf("%dk", n/1000)
	case n >= 1000:
		return fmt.Sprintf("%.1fk", float64(n/100)/10)
	}
	return fmt.Sprint(n)
}

// text writes words with their foot at y.
func (p *picture) text(x int, words, style string) {
	fmt.Fprintf(&p.Builder, "<text x=\"%d\" y=\"%d\"%s>%s</text>\n", x, p.y, style, words)
}
