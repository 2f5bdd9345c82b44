package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"kassa/infra/console/chart"
)

// TestColumns are well-formed, high by their share, seen however small they are, and say nothing but what they are
// told.
func TestColumns(t *testing.T) {
	for name, all := range map[string][]chart.Column{
		"none": nil, "nothing": {{Label: "0"}, {}}, "a part": {{Label: "<b>", All: 10, Part: 5}, {All: 5}},
		"one of many": {{All: 1_000_000}, {All: 1, Part: 1}},
	} {
		drawn := string(chart.Columns(all))
		for d := xml.NewDecoder(strings.NewReader(drawn)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, drawn)
			}
		}
		want := 0
		for _, c := range all {
			want += min(1, c.All) + min(1, c.Part)
		}
		if got := strings.Count(drawn, "<rect"); got != want || strings.Contains(drawn, "<b>") ||
			strings.Contains(drawn, `height="0"`) || strings.Contains(drawn, "style=") {
			t.Errorf("%s: %d columns, want %d:\n%s", name, got, want, drawn)
		}
	}
	if drawn := string(chart.Columns([]chart.Column{{All: 10, Part: 5}})); !strings.Contains(drawn, `height="110"`) ||
		!strings.Contains(drawn, `height="55"`) {
		t.Errorf("half of the highest:\n%s", drawn)
	}
}
