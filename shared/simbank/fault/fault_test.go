package fault

import (
	"testing"
)

// One language serves every bank; only words of digits and names of operations are a bank's own.
func TestLanguage(t *testing.T) {
	xml := Bank{Words: true}
	json := Bank{Operations: []string{"create", "refund"}}
	for _, c := range []struct {
		line      Fault
		xml, json bool
	}{
		{Fault{Kind: "refuse_connection"}, true, true},
		{Fault{Kind: "reset_after"}, true, true},
		{Fault{Kind: "http_503_after"}, true, true},
		{Fault{Kind: "html_200"}, true, true},
		{Fault{Kind: "twice"}, true, true},
		{Fault{Kind: "status_96"}, true, false},
		{Fault{Kind: "status_10_after"}, true, false},
		{Fault{Kind: "status_9"}, false, false},
		{Fault{Kind: "refuse_connection_after"}, false, false},
		{Fault{Kind: "http_99"}, false, false},
		{Fault{Kind: ""}, false, false},
		{Fault{Kind: "bom", Nth: -1}, false, false},
		{Fault{Kind: "bom", Count: -2}, false, false},
		{Fault{Kind: "bom", Count: -1}, true, true},
		{Fault{Kind: "slow", DelayMS: -1}, false, false},
		{Fault{Kind: "bom", Operation: "*"}, true, true},
		{Fault{Kind: "bom", Operation: "refund"}, true, true},
		{Fault{Kind: "bom", Operation: "Refund"}, true, false},
	} {
		if err := c.line.Validate(xml); (err == nil) != c.xml {
			t.Errorf("%+v for a bank of words: %v", c.line, err)
		}
		if err := c.line.Validate(json); (err == nil) != c.json {
			t.Errorf("%+v for a bank of named operations: %v", c.line, err)
		}
	}
}

// A list of lines is taken whole or not at all, and each line counts the calls of its own operation.
func TestPlan(t *testing.T) {
	p := NewPlan(Bank{})
	if err := p.Add(Fault{Kind: "bom"}, Fault{Kind: "nonsense"}); err == nil || len(p.Left()) != 0 {
		t.Fatalf("a bad list left %v, %v", p.Left(), err)
	}
	if err := p.Add(Fault{Operation: "refund", Nth: 2, Count: 2, Kind: "bom"},
		Fault{Kind: "slow", Count: -1}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"slow", "bom", "bom", "slow"} {
		if met, _ := p.Take("refund"); met.Kind != want {
			t.Errorf("refund %d met %q, want %q", i+1, met.Kind, want)
		}
	}
	if left := p.Left(); len(left) != 1 || left[0].Kind != "slow" {
		t.Errorf("left: %+v", left)
	}
	p.Clear()
	if met, hit := p.Take("refund"); hit {
		t.Errorf("a cleared script plays %+v", met)
	}
}
