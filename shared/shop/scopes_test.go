package shop

import (
	"slices"
	"strings"
	"testing"
)

// TestAnOlderKeyMayDoAll: it was made before there were scopes, and its shop must not stop for that. A key that there
// is not may nothing.
func TestAnOlderKeyMayDoAll(t *testing.T) {
	text := strings.Replace(settingsWith("right"), `"keys":[`, `"keys":[{"id":"desk","sha256":"`+digestOf("x")+
		`","scopes":["refund"]},`, 1)
	s, err := decodeSettings("x", []byte(text), "prod")
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string][]string{"k1": {"create", "read", "refund"}, "desk": {"refund"}, "k9": nil, "": nil} {
		if got := s.Scopes(id); !slices.Equal(got, want) {
			t.Errorf("the key %q may %v, want %v", id, got, want)
		}
	}
}
