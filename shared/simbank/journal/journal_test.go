package journal

import (
	"strings"
	"testing"
)

// The history is bounded and hands out copies.
func TestLog(t *testing.T) {
	var l Log[int]
	for i := range length + 20 {
		l.Add(i)
	}
	all := l.All()
	if len(all) != length || all[0] != 20 || all[length-1] != length+19 {
		t.Errorf("%d entries, from %d", len(all), all[0])
	}
	all[0] = -1
	if l.All()[0] != 20 {
		t.Error("a reader wrote into the history")
	}
	if l.Clear(); len(l.All()) != 0 {
		t.Error("a cleared history holds something")
	}
	if got := Cut(strings.Repeat("x", textMax+1)); len(got) != textMax+len("…") {
		t.Errorf("%d bytes kept", len(got))
	}
}
