package kartapokupok

import (
	"strings"
	"testing"

	"kassa/shared/strict/ascii/asciitest"
)

func TestFormsAreThoseOfTheirPatterns(t *testing.T) {
	long := strings.Repeat("x", 62)
	asciitest.Same(t, `^\+?[0-9][0-9 ()-]{6,24}$`, isPhone, "+375291234567", "8 (029) 123-45-67", "1234567",
		"+1"+strings.Repeat("2", 23), "+", "")
	asciitest.Same(t, `^(?:[0-9]{0,6}[A-Za-z][A-Za-z0-9_.-]{0,39}|[0-9]{1,6})$`, isCode, "LIMIT_EXCEEDED", "e.1-x", "907",
		"123456", long[:39], "3DS_FAILED", "1234567a", "")
	asciitest.Same(t, `^[A-Za-z0-9_.-]{1,64}$`, isPartner, "90000001", "a.b_c-d", long, "")
	asciitest.Same(t, `^[A-Za-z0-9.-]{0,16}$`, isPrefix, "site2-", "a.b", "", "a_b", long[:16], long[:17])
	asciitest.Same(t, `^(?:/[A-Za-z0-9_.~-]+)+$`, isPath, "/installment/status", "/a.b/~c/d_e-f", "/", "//a", "a/b", "")
	asciitest.Same(t, `^(?:/(?:[^~/]|~[01])*)*$`, isPointer, "/data/session_id", "/a~1b/~0c", "//x", "~", "a", "")
	asciitest.Same(t, `^[A-Za-z0-9-]{1,64}$`, isHeader, "content-signature", long, "a_b", "")
	asciitest.Same(t, `^[1-9][0-9]{9}$`, isTimestamp, "1795000000", "0795000000", "")
}

// mailPattern is what isMail stands for.
const mailPattern = `^[^\s@<>()",:;\\]+@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?\.[\p{L}\p{N}-]{2,}$`

func TestMailIsThatOfItsPattern(t *testing.T) {
	asciitest.Same(t, mailPattern, isMail, "a@b.co", "anna.k+1@mail.example.by", "анна@пошта.бел", "x@y-z.a-b", "a@b.c",
		"a@-b.co", "a@b..co", "a@.co", "a@b", "@b.co", "a@b@c.co", "")
}
