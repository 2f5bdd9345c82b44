package outbox

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"kassa/shared/payment"
)

func fill(shops, each int) *turns {
	t := &turns{known: map[string]*turn{}}
	for n := range shops * each {
		t.add(payment.Waiting{ID: payment.ID{Order: strconv.Itoa(n), Attempt: 1}, Shop: strconv.Itoa(n % shops)})
	}
	return t
}

// TestAnyNumberOfShops: what one turn costs does not grow with the shops that wait for theirs, nor does the run that deals them out.
func TestAnyNumberOfShops(t *testing.T) {
	const shops, each = 10_000, 3
	list, looked, taken := fill(shops, each), 0, 0
	healthy := func(string) bool { looked++; return false }
	var dones []func()
	for _, done, ok := list.take(healthy); ok; _, done, ok = list.take(healthy) {
		if dones = append(dones, done); len(dones) >= workers {
			dones[0]()
			dones = dones[1:]
		}
		taken++
	}
	if taken != shops*each || looked > workers*taken || list.left() != 0 {
		t.Errorf("%d were taken, %d shops looked at, %d are left", taken, looked, list.left())
	}
}

// TestWhoIsToldLeastIsNext, whatever fails and ends meanwhile; no payment is dealt out twice, and none is lost.
func TestWhoIsToldLeastIsNext(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		shops, each := 1+random.IntN(12), 1+random.IntN(6)
		list, down, busy, seen := fill(shops, each), map[string]bool{}, map[string]int{}, map[payment.ID]bool{}
		waiting := map[string]int{}
		for n := range shops {
			waiting[strconv.Itoa(n)] = each
		}
		type telling struct {
			shop string
			done func()
		}
		var working []telling
		for {
			if len(working) == workers-1 || len(working) > 0 && random.IntN(2) == 0 {
				i := random.IntN(len(working))
				working[i].done()
				busy[working[i].shop]--
				working = append(working[:i], working[i+1:]...)
			}
			if random.IntN(20) == 0 {
				down[strconv.Itoa(random.IntN(shops))] = true
			}
			id, done, ok := list.take(func(shop string) bool { return down[shop] })
			least := -1
			for shop, n := range waiting {
				if n > 0 && !down[shop] && (least < 0 || busy[shop] < least) {
					least = busy[shop]
				}
			}
			if !ok {
				if least >= 0 {
					t.Fatalf("seed %d: somebody waits", seed)
				}
				break
			}
			n, err := strconv.Atoi(id.Order)
			shop := strconv.Itoa(n % shops)
			if err != nil || seen[id] || down[shop] || busy[shop] != least {
				t.Fatalf("seed %d: %v of shop %s, which is told %d times, where one is told %d times", seed, id, shop, busy[shop], least)
			}
			seen[id] = true
			waiting[shop]--
			busy[shop]++
			working = append(working, telling{shop, done})
		}
		if len(seen)+list.left() != shops*each {
			t.Errorf("seed %d: %d told and %d left of %d", seed, len(seen), list.left(), shops*each)
		}
	}
}

// TestWhatARunKeepsIsBounded, and each shop has its part in it.
func TestWhatARunKeepsIsBounded(t *testing.T) {
	const shops, each = 10_000, 20
	list := fill(shops, each)
	list.add(payment.Waiting{Shop: "last"})
	if list.kept > perRun+shops || len(list.known["last"].waiting) != 1 || list.left() != shops*each+1 {
		t.Errorf("%d kept, %d left", list.kept, list.left())
	}
}
