package script

import (
	"slices"
	"testing"
)

type sample struct {
	Name  string `json:"name"`
	Nth   int    `json:"nth"`
	Count int    `json:"count"`
}

func (s sample) When() When { return When{s.Nth, s.Count} }

func TestWhichCallsAreHit(t *testing.T) {
	for _, c := range []struct {
		script string
		hits   string // of five calls
		left   int
	}{
		{`{"name":"a"}`, "a    ", 0},
		{`{"name":"a","nth":1,"count":1}`, "a    ", 0},
		{`{"name":"a","nth":3}`, "  a  ", 0},
		{`[{"name":"a","nth":2,"count":2},{"name":"b","count":-1}]`, "baabb", 1},
		{` [{"name":"a","nth":9}] `, "     ", 1},
		{`[]`, "     ", 0},
	} {
		lines, err := Parse[sample]([]byte(c.script))
		if err != nil {
			t.Fatal(err)
		}
		var p Plan[sample]
		p.Add(lines...)
		got := ""
		for range 5 {
			f, hit := p.Take(func(sample) bool { return true })
			if !hit {
				f.Name = " "
			}
			got += f.Name
		}
		if got != c.hits || len(p.Left()) != c.left {
			t.Errorf("%s hits %q, leaves %v", c.script, got, p.Left())
		}
	}
}

func TestALineCountsItsOwnCallsAlone(t *testing.T) {
	var p Plan[sample]
	p.Add(sample{Name: "a", Nth: 2}, sample{Name: "b"})
	var got []bool
	for _, call := range []string{"a", "b", "c", "a"} {
		_, hit := p.Take(func(s sample) bool { return s.Name == call })
		got = append(got, hit)
	}
	if !slices.Equal(got, []bool{false, true, false, true}) {
		t.Errorf("%v", got)
	}
	p.Add(sample{Name: "a"})
	if p.Clear(); len(p.Left()) != 0 {
		t.Error("a cleared script has lines")
	}
}

func TestWhatCouldNeverFireIsRefused(t *testing.T) {
	for _, bad := range []string{`{"nme":"a"}`, `{"name":"a"} {}`, `x`, ``, `{"nth":"1"}`, `[{"name":"a"}] []`} {
		if lines, err := Parse[sample]([]byte(bad)); err == nil && len(lines) > 0 {
			t.Errorf("%s was taken as %v", bad, lines)
		}
	}
	for _, bad := range []When{{Nth: -1}, {Count: -2}} {
		if bad.Validate() == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}
