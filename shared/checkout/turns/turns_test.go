package turns

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"

	"kassa/shared/payment"
)

const (
	workers = 8
	perRun  = 50_000
)

func fill(shops, each int) *Turns {
	t := New(workers, 1000, perRun)
	for n := range shops * each {
		t.Add("", strconv.Itoa(n%shops), payment.ID{Order: strconv.Itoa(n), Attempt: 1})
	}
	return t
}

// unless is a limit that passes over those of whom it says so.
func unless(passed func(who string) bool) func(string) int {
	return func(who string) int {
		if passed(who) {
			return 0
		}
		return workers
	}
}

// TestAnyNumberOfShops: what one turn costs does not grow with the shops that wait for theirs, nor does the run that
// deals them out.
func TestAnyNumberOfShops(t *testing.T) {
	const shops, each = 10_000, 3
	list, looked, taken := fill(shops, each), 0, 0
	healthy := unless(func(string) bool { looked++; return false })
	var dones []func()
	for _, done, ok := list.Take(healthy); ok; _, done, ok = list.Take(healthy) {
		if dones = append(dones, done); len(dones) >= workers {
			dones[0]()
			dones = dones[1:]
		}
		taken++
	}
	if taken != shops*each || looked > workers*taken || list.Left() != 0 {
		t.Errorf("%d were taken, %d shops looked at, %d are left", taken, looked, list.Left())
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
			id, done, ok := list.Take(unless(func(shop string) bool { return down[shop] }))
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
				t.Fatalf("seed %d: %v of shop %s, which is told %d times, where one is told %d times", seed, id, shop, busy[shop],
					least)
			}
			seen[id] = true
			waiting[shop]--
			busy[shop]++
			working = append(working, telling{shop, done})
		}
		if len(seen)+list.Left() != shops*each {
			t.Errorf("seed %d: %d told and %d left of %d", seed, len(seen), list.Left(), shops*each)
		}
	}
}

// TestWhatARunKeepsIsBounded, and each shop has its part in it.
func TestWhatARunKeepsIsBounded(t *testing.T) {
	const shops, each = 10_000, 20
	list := fill(shops, each)
	list.Add("", "last", payment.ID{})
	if list.ends[0].kept > perRun+shops || len(list.known["last"].waiting) != 1 || list.Left() != shops*each+1 {
		t.Errorf("%d kept, %d left", list.ends[0].kept, list.Left())
	}
}

// TestWhoIsHeldWaits: of one who may be served once at a time the rest waits, and so does a worker when nobody else is
// there; others go on meanwhile.
func TestWhoIsHeldWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := New(workers, 10, 10)
		for n := range 3 {
			list.Add("", "slow", payment.ID{Order: "slow" + strconv.Itoa(n)})
		}
		list.Add("", "quick", payment.ID{Order: "quick"})
		once := func(string) int { return 1 }
		first, done, _ := list.Take(once)
		second, doneOther, _ := list.Take(once)
		if first.Order != "slow0" || second.Order != "quick" {
			t.Fatalf("%s, then %s", first.Order, second.Order)
		}
		doneOther()
		var third payment.ID
		var doneThird func()
		go func() { third, doneThird, _ = list.Take(once) }()
		synctest.Wait()
		if third.Order != "" {
			t.Errorf("%s is served beside %s", third.Order, first.Order)
		}
		done()
		synctest.Wait()
		if third.Order != "slow1" || list.Left() != 1 || list.Heads(5)[0].Order != "slow2" {
			t.Errorf("then %s, %d left", third.Order, list.Left())
		}
		doneThird()
		if _, _, ok := list.Take(func(string) int { return 0 }); ok || list.Left() != 1 {
			t.Errorf("who is passed over is served; %d left", list.Left())
		}
	})
}

// TestTheEndsShareTheWorkers: those of one that hangs take no more than their share while others wait elsewhere, and
// all that there are when nobody does.
func TestTheEndsShareTheWorkers(t *testing.T) {
	for ends := 1; ends <= workers; ends++ {
		list := New(workers, 10, perRun)
		for n := range ends * 20 {
			list.Add(strconv.Itoa(n%ends), strconv.Itoa(n), payment.ID{Order: strconv.Itoa(n % ends)})
		}
		busy := map[string]int{}
		for range workers {
			id, _, _ := list.Take(unless(func(string) bool { return false }))
			busy[id.Order]++
		}
		for n := range ends {
			if got := busy[strconv.Itoa(n)]; got < workers/ends {
				t.Errorf("of %d ends one has %d of %d workers", ends, got, workers)
			}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		list := New(4, 10, perRun)
		for n := range 20 {
			list.Add("hangs", strconv.Itoa(n), payment.ID{Order: "hangs"})
		}
		for range 2 {
			list.Add("well", "well", payment.ID{Order: "well"})
		}
		once, taken := func(string) int { return 1 }, map[string]int{}
		var answers func()
		for range 3 {
			id, done, _ := list.Take(once)
			if taken[id.Order]++; id.Order == "well" {
				answers = done
			}
		}
		later := make(chan string)
		for range 2 { // one goes on where it was answered, the other has nobody to leave a place to any more
			go func() { id, _, _ := list.Take(once); later <- id.Order }()
		}
		synctest.Wait()
		if taken["hangs"] != 2 || taken["well"] != 1 || list.Left() != 19 {
			t.Errorf("%v, %d left", taken, list.Left())
		}
		answers()
		taken[<-later]++
		taken[<-later]++
		if taken["hangs"] != 3 || taken["well"] != 2 {
			t.Errorf("then %v", taken)
		}
	})
}

// TestNobodyIsAlwaysTheLast: of any number of shops each is among the first few within some times as many runs as it
// takes to come to all, whether runs come each minute, or each second or third.
func TestNobodyIsAlwaysTheLast(t *testing.T) {
	for _, shops := range []int{1, 2, 17, 100, 384, 1000} {
		list := fill(shops, 1)
		for _, few := range []int{5, 24, 48} {
			for every, most := range []int{2, 4, 4} {
				had, runs := map[string]bool{}, 0
				for ; len(had) < shops && runs < most*shops/few+2; runs++ {
					list.rotate(29_735_000 + int64(runs*(every+1)))
					for _, s := range list.ends[0].queue[:min(few, shops)] {
						had[s.who] = true
					}
				}
				if len(had) < shops {
					t.Errorf("of %d shops %d had none of the first %d places in %d runs", shops, shops-len(had), few, runs)
				}
			}
		}
	}
}
