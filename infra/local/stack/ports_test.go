package stack

import (
	"testing"

	"kassa/infra/local/demo"
)

// Scripts count the ports from the shop's: the simulators' are +3 and up, two for each, and a further simulator moves
// none of those before it.
func TestPortsFollowTheContract(t *testing.T) {
	p, next := portsFrom(8080), 8083
	if p.Shop != 8080 || p.API != 8081 || p.Callbacks != 8082 {
		t.Errorf("%+v", p)
	}
	for _, entry := range demo.Simulators() {
		if want := (Door{API: next, Pages: next + 1}); p.Simulators[entry.Name] != want {
			t.Errorf("%s listens at %+v, want %+v", entry.Name, p.Simulators[entry.Name], want)
		}
		next += 2
	}
	if p.Engine != next || p.Engine-p.Shop+2 >= block {
		t.Errorf("the engine is at %d, and a free block of %d has no room for a further simulator", p.Engine, block)
	}
	if got := p.Simulators["kapital"]; got.Pages != 8084 {
		t.Errorf("README names 8084 as the first bank's pages, it is %d", got.Pages)
	}
}
