package engine_test

import (
	"net/http"
	"testing"

	"kassa/shared/loopback/loopbacktest"
)

// TestOtherSitesAreKeptOut: signed or not, the API would tell secrets to a name that somebody else can have.
func TestOtherSitesAreKeptOut(t *testing.T) {
	server := start(t)
	loopbacktest.Guarded(t, server.url, nil, []string{"/_engine/calls/reset", "/_engine/faults"})
	loopbacktest.Refused(t, http.MethodPost, server.url+"/", "Host", "evil.example", http.StatusMisdirectedRequest)
}
