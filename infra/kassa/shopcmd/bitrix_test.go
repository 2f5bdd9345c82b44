package shopcmd

import (
	"regexp"
	"testing"
)

// TestEachStageHasAHandlerOfItsOwn in a portal that a shop is bound to from several: binding one would send the
// payments of the others to its address.
func TestEachStageHasAHandlerOfItsOwn(t *testing.T) {
	codes, names := map[string]bool{}, map[string]bool{}
	for _, of := range [][2]string{{"test", "shop"}, {"prod", "shop"}, {"prod", "shop-az"}, {"prod-shop", "az"},
		{"prod", "az"}} {
		code := handlerCode(of[0], of[1])
		if !regexp.MustCompile(`^[a-z][a-z0-9_]{1,60}$`).MatchString(code) {
			t.Error(code)
		}
		codes[code], names[handlerName(of[0], of[1])] = true, true
	}
	if len(codes) != 5 || len(names) != 5 {
		t.Errorf("%v %v", codes, names)
	}
}

// TestWhereAPortalPosts: either output of the stage says it; what would send the key in clear or to nowhere is refused.
func TestWhereAPortalPosts(t *testing.T) {
	const want = "https://abc.example/bitrix/checkout"
	for _, text := range []string{"https://abc.example", "https://abc.example/", want, want + "/"} {
		if got, err := actionAt(text); got != want || err != nil {
			t.Errorf("%s: %s %v", text, got, err)
		}
	}
	for _, text := range []string{"abc.example", "http://abc.example", "https://", "https://abc.example/v1",
		"https://abc.example?x=1", "https://u:p@abc.example", "ftp://127.0.0.1", "%"} {
		if got, err := actionAt(text); err == nil {
			t.Errorf("%s: %s", text, got)
		}
	}
	if got, err := actionAt("http://127.0.0.1:8081"); got != "http://127.0.0.1:8081/bitrix/checkout" || err != nil {
		t.Errorf("%s %v", got, err)
	}
}
