package world

import "testing"

// TestWhatWasDrawnIsNamedByItsOrder: two runs that draw other words tell the same, unless they mix them up.
func TestWhatWasDrawnIsNamedByItsOrder(t *testing.T) {
	tell := func(text string) string {
		return words(text, drawn{map[string]bool{"0123456789abcdef": true}, map[string]int{}}.name)
	}
	const one, other = `{"id":"a1b2c3d4e5f6a7b8","key":"Zz9-_Zz9-_Zz9"}`, `{"id":"b8a7f6e5d4c3b2a1","key":"Yy8-_Yy8-_Yy8"}`
	if tell(one) != tell(other) || tell(one) != `{"id":"#0","key":"#1"}` {
		t.Errorf("%s and %s", tell(one), tell(other))
	}
	if twice := tell("a1b2c3d4e5f6a7b8 Zz9-_Zz9-_Zz9 a1b2c3d4e5f6a7b8"); twice != "#0 #1 #0" {
		t.Error(twice)
	}
	for _, known := range []string{"0123456789abcdef", "2026-11-23T08:00:00Z", "AlreadyRefunded", "order 828 of 15000"} {
		if tell(known) != known {
			t.Errorf("%q is told as %q", known, tell(known))
		}
	}
}
