package kartapokupok

import (
	"testing"

	"kassa/shared/loopback/loopbacktest"
)

func TestOtherSitesAreKeptOut(t *testing.T) {
	b := start(t, func(o *Options) { o.PKI = ownKeys(t, "") })
	loopbacktest.Guarded(t, b.pages.URL, []string{"/desk", "/apply"}, []string{"/_sim/reset", "/_sim/faults"})
}
