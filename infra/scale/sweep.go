package scale

import "math"

// Sweep is what the sweep's speed follows from. Times are in seconds.
type Sweep struct {
	Shards int     // keys of the to-do list
	Kept   int     // payments of a shard that a run keeps which looks at all of them
	Ask    float64 // one question
	Every  float64 // between two questions of a run: the workers' or the processor's, whichever is slower
}

// Of a run of the sweep, in seconds.
const (
	sweepMinute = 60.
	sweepBegins = 52.  // in which it begins something
	sweepStart  = 0.25 // until one that was started at once is at work
	readers     = 16   // shards that are read by one reader, one after the other
)

// sweep is the one that the template and the code set, with so many shards.
func (h House) sweep(b Blend, shards int) Sweep {
	ask := (bankMS + 3*dynamoMS) / 1000 // an open page takes one exchange, between a read and two saves
	return Sweep{Shards: shards, Kept: max(1, h.SweepKept/shards), Ask: ask,
		Every: max(ask/float64(h.SweepWorkers), b.AskCPU/1000/coreShare)}
}

// Course is how the sweep fares in a simulated minute, the fifth at the same rate.
type Course struct {
	Runs      int // all that the minute's run has started, and itself
	Asked     int // questions
	Left      int // that were due and not put
	Half, All int // seconds after which half of those asked about had been, and all
}

// Course simulates the to-do list while so many questions become due in each second, evenly in time and over the
// shards. Each minute a run reads all shards; where it finds more than it keeps, a run for that shard alone begins. All
// ask what was due when they read, the longest waiting first, as long as they may begin something; what they leave is
// the next minute's.
func (s Sweep) Course(perSecond float64) (c Course) {
	asked := make([]int, s.Shards) // questions of each shard, from the beginning
	for minute := range 5 {
		at, waited := float64(minute+1)*sweepMinute, waits{}
		c = Course{Runs: 1}
		put := func(shard, nth int, began float64) bool { // a run's nth question
			when := began + float64(nth)*s.Every
			if when > at+sweepBegins {
				return false
			}
			due := float64(asked[shard]*s.Shards+shard) / perSecond
			waited.add(int(math.Ceil(when + s.Ask - due)))
			asked[shard]++
			c.Asked++
			return true
		}
		own, end := []int(nil), make([]int, s.Shards)
		for shard := range s.Shards {
			read := at + float64(shard%readers)*dynamoMS/1000
			end[shard] = s.due(shard, read, perSecond)
			if end[shard]-asked[shard] <= s.Kept {
				own = append(own, shard)
				continue
			}
			c.Runs++
			for nth := 0; asked[shard] < end[shard] && put(shard, nth, read+sweepStart); nth++ {
			}
		}
		nth := 0
		for range s.Kept { // by turns
			for _, shard := range own {
				if asked[shard] < end[shard] && put(shard, nth, at+readers*dynamoMS/1000) {
					nth++
				}
			}
		}
		for shard := range s.Shards {
			c.Left += end[shard] - asked[shard]
		}
		c.Half, c.All = waited.within(c.Asked/2), waited.within(c.Asked)
	}
	return c
}

// due is how many questions of a shard have become due by then.
func (s Sweep) due(shard int, at, perSecond float64) int {
	return max(0, int(math.Floor((at*perSecond-float64(shard))/float64(s.Shards)))+1)
}

// waits are how many waited so many seconds, by those.
type waits []int

func (w *waits) add(seconds int) {
	if more := seconds + 1 - len(*w); more > 0 {
		*w = append(*w, make([]int, more)...)
	}
	(*w)[seconds]++
}

// within is the second by which n have been asked.
func (w waits) within(n int) (second int) {
	for counted := 0; counted < n; {
		second++
		counted += w[second]
	}
	return second
}

// Most is at how many questions a second the sweep still leaves nothing.
func (s Sweep) Most() float64 {
	low, high := 0., 1.
	for s.Course(high).Left == 0 {
		low, high = high, 2*high
	}
	for high-low > low/100 {
		if middle := (low + high) / 2; s.Course(middle).Left == 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}
