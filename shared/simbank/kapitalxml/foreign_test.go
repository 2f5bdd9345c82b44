package kapitalxml

import (
	"testing"

	"kassa/shared/loopback/loopbacktest"
)

func TestOtherSitesAreKeptOut(t *testing.T) {
	loopbacktest.Guarded(t, open(t, nil).pages.URL, []string{"/desk", "/index.jsp"},
		[]string{"/_sim/reset", "/_sim/faults"})
}
