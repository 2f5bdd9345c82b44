package api

import (
	"strings"
	"testing"

	"kassa/shared/strict/ascii/asciitest"
)

func TestCredentialsAreThoseOfTheirPatterns(t *testing.T) {
	long := strings.Repeat("k", 32)
	const key = `^sk_([a-z0-9-]{1,32})_([A-Za-z0-9-]{1,32})_([A-Za-z0-9_-]{1,128})$`
	asciitest.SameParts(t, key, func(text string) []string {
		key, ok := parseKey(text)
		if !ok {
			return nil
		}
		return []string{key.Shop, key.ID, key.Secret}
	}, "sk_demo-az_k1_AbC", "sk_a_B_c_d-e", "sk_"+long+"_"+long+"_"+strings.Repeat("s", 127), "ct_abc", "")
	asciitest.SameParts(t, `^[ \t]*ct_([A-Za-z0-9_-]{1,128})[ \t]*$`, func(text string) []string {
		r := Request{Header: map[string]string{"authorization": "bearer " + strings.TrimLeft(text, "\t")}}
		token, ok := r.ClientToken()
		if !ok {
			return nil
		}
		return []string{token}
	}, "ct_AbC_d-e", "ct_"+strings.Repeat("t", 127), "sk_demo-az_k1_AbC", "")
}
