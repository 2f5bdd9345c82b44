package vault

import (
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"kassa/shared/shop"
)

// TestARotatedKeyInTraffic: a shop calls several processes each second while strangers guess its keys. It gets a second
// key, changes to it half a minute later, and the first is taken away: no call of the shop's fails, and five minutes on
// nobody takes the first any more.
func TestARotatedKeyInTraffic(t *testing.T) {
	for seed := range uint64(20) {
		v, client := open(t)
		now := time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC)
		var processes []*shop.Shops
		for range 4 {
			processes = append(processes, shop.New(client, "test", func() time.Time {
				return now
			}, slog.New(slog.DiscardHandler)))
		}
		s := Shop{Currency: "AZN", Origins: []string{"https://shop.example"}, Banks: []string{"kapital"}}
		put := func() {
			t.Helper()
			if _, err := v.Write(t.Context(), v.ShopName("a-shop"), s); err != nil {
				t.Fatal(err)
			}
		}
		works := func(process *shop.Shops, key string) bool {
			parts := strings.Split(key, "_")
			_, err := process.Authenticate(t.Context(), "a-shop", parts[2], parts[3])
			return err == nil
		}
		first, old := s.AddKey("a-shop", now)
		put()
		key, renewed := old, ""
		random := rand.New(rand.NewPCG(seed, 1))
		for second := range 600 {
			switch second {
			case 100:
				_, renewed = s.AddKey("a-shop", now)
				put()
			case 130:
				key = renewed
			case 140:
				s.DropKey(first)
				put()
			}
			for i, process := range processes {
				if random.IntN(3) == 0 && works(process, "sk_a-shop_k0_guessed") {
					t.Fatal("a guess works")
				}
				if random.IntN(2) == 0 && !works(process, key) {
					t.Fatalf("seed %d: process %d refuses the shop in second %d", seed, i, second)
				}
			}
			now = now.Add(time.Second)
		}
		for i, process := range processes {
			if works(process, old) {
				t.Errorf("process %d takes the first key still", i)
			}
		}
	}
}
