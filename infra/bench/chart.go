package bench

import (
	"fmt"
	"strings"
)

// The chart's measures, in pixels.
const (
	chartWidth = 760
	labelWidth = 130
	barWidth   = 520 // of the longest bar
	rowHeight  = 22
	barHeight  = 14
)

// chart is a picture in the making.
type chart struct {
	body strings.Builder
	y    int
}

// bar is one program's: parts that follow each other, in milliseconds.
type bar struct {
	name  string
	parts []float64
}

// colours are those of the parts of a bar, as different in grey as in colour.
func colours() []string { return []string{"#2f6690", "#e3a82b"} }

// Chart is the picture of what the first answer and a later one take of a processor, as SVG.
func Chart(r Results) string {
	var first, later []bar
	for _, name := range r.programs() {
		s := r.Free[name]
		if len(s[FirstCPU]) > 0 {
			first = append(first, bar{name, []float64{median(s[StartCPU]) / 1000, median(s[FirstCPU]) / 1000}})
			later = append(later, bar{name, []float64{median(s[WarmCPU]) / 1000}})
		}
	}
	c := &chart{y: 10}
	c.panel("Until the first answer, milliseconds of a processor", []string{"start", "first request"}, first)
	c.panel("A later request, milliseconds of a processor", nil, later)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" `+
		`font-size="13" role="img" aria-label="What each program takes of a processor; the tables below say the same">`+
		"\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n%s</svg>\n", chartWidth, c.y, c.body.String())
}

// panel draws bars under a heading, all by the same measure.
func (c *chart) panel(heading string, legend []string, bars []bar) {
	c.y += rowHeight
	c.text(10, c.y, heading, ` font-weight="bold"`)
	for i, name := range legend {
		c.y += rowHeight
		c.rect(10, c.y-barHeight+2, barHeight, colours()[i])
		c.text(10+barHeight+6, c.y, name, "")
	}
	most := 0.0
	for _, b := range bars {
		most = max(most, total(b.parts))
	}
	for _, b := range bars {
		c.y += rowHeight
		c.text(labelWidth, c.y, b.name, ` text-anchor="end"`)
		x := float64(labelWidth + 8)
		for i, part := range b.parts {
			width := part / max(most, 1e-9) * barWidth
			c.rect(x, c.y-barHeight+2, width, colours()[i])
			x += width
		}
		c.text(x+6, c.y, about(total(b.parts)), "")
	}
	c.y += rowHeight
}

// text writes words with their foot at y.
func (c *chart) text(x float64, y int, words, style string) {
	fmt.Fprintf(&c.body, "<text x=\"%.1f\" y=\"%d\"%s>%s</text>\n", x, y, style, words)
}

// rect draws a bar's part, or its place in the legend.
func (c *chart) rect(x float64, y int, width float64, colour string) {
	fmt.Fprintf(&c.body, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", x, y,
		width, barHeight, colour)
}

// total is the length of a bar.
func total(parts []float64) (sum float64) {
	for _, part := range parts {
		sum += part
	}
	return sum
}
