package txpg

import (
	"strings"
	"testing"

	"kassa/shared/strict/ascii/asciitest"
)

func TestFormsAreThoseOfTheirPatterns(t *testing.T) {
	long := strings.Repeat("x", 39)
	asciitest.Same(t, `^[1-9][0-9]{0,11}$`, isOrder, "123456", "100200300400", "0", "")
	asciitest.Same(t, `^[A-Za-z0-9_.-]{1,40}$`, isMerchant, "E1000010", "a.b_c-d", long, "")
	asciitest.Same(t, `^[A-Za-z][A-Za-z0-9_]{0,39}$`, isType, "Order_SMS", "3DS", long, "")
	asciitest.Same(t, `^[A-Za-z0-9_-]{0,40}$`, isPath, "flex", "flex-2_a", long, "a/b", "")
	asciitest.Same(t, `^(?:|off|ridByMerchant|custAttrs:[A-Za-z0-9_]{1,20})$`, isReference, "off", "ridByMerchant",
		"custAttrs:F104", "custAttrs:"+long[:20], "F104", "")
	asciitest.Same(t, `^[A-Za-z][A-Za-z0-9]{0,39}$`, isErrorCode, "InvalidLogin", "E1", long, "1E", "")
}
