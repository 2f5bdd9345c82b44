package shopcmd

import (
	"regexp"
	"testing"
)

// TestEachStageHasAHandlerOfItsOwn in a portal that a shop is bound to from several: binding one would send the payments of the others
// to its address.
func TestEachStageHasAHandlerOfItsOwn(t *testing.T) {
	codes, names := map[string]bool{}, map[string]bool{}
	for _, of := range [][2]string{{"test", "shop"}, {"prod", "shop"}, {"prod", "shop-az"}, {"prod-shop", "az"}, {"prod", "az"}} {
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
