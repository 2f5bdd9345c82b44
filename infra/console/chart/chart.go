// Package chart draws columns as SVG, for pages that load nothing and allow no style of an element's own: all colours
// come from the page's style sheet by the classes bar, part, grid, label and value.
//
// A chart is for eyes alone. The table with the same figures, which belongs beside it, is what is read aloud.
package chart

import (
	"fmt"
	"html/template"
	"strings"
)

// Column is one step of a chart: Part of All, both whole numbers of 0 and more.
type Column struct {
	Label     string // below the column; "" for none
	All, Part int
}

// The drawing's own measure, which the page scales.
const (
	width  = 360
	height = 110
	head   = 14 // for the figure above the highest column
	foot   = 16 // for the labels
)

// Columns draws them side by side, the part in front of the whole. Nothing at all is drawn as an empty chart.
func Columns(all []Column) template.HTML {
	top := 1
	for _, c := range all {
		top = max(top, c.All, c.Part)
	}
	var out strings.Builder
	step := width / max(1, len(all))
	gap := max(3, step/6)
	fmt.Fprintf(&out, `<svg class="chart" viewBox="0 0 %d %d" aria-hidden="true" focusable="false">`, width,
		head+height+foot)
	for _, quarter := range []int{0, 1, 2} {
		y := head + height*quarter/2
		fmt.Fprintf(&out, `<line class="grid" x1="0" y1="%d" x2="%d" y2="%d"/>`, y, width, y)
	}
	for i, c := range all {
		x := step * i
		for _, one := range []struct {
			class string
			n     int
		}{{"bar", c.All}, {"part", c.Part}} {
			if one.n == 0 {
				continue
			}
			tall := max(2, height*one.n/top) // one among thousands is seen, too
			fmt.Fprintf(&out, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="2"/>`, one.class, x+gap/2,
				head+height-tall, step-gap, tall)
		}
		if c.All == top && c.All > 0 {
			fmt.Fprintf(&out, `<text class="value" x="%d" y="%d" text-anchor="middle">%d</text>`, x+step/2, head-4, c.All)
		}
		if c.Label != "" {
			fmt.Fprintf(&out, `<text class="label" x="%d" y="%d" text-anchor="middle">%s</text>`, x+step/2,
				head+height+12, template.HTMLEscapeString(c.Label))
		}
	}
	out.WriteString("</svg>")
	return template.HTML(out.String()) //nolint:gosec // numbers, and labels that were escaped
}
