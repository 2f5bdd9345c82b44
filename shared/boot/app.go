// Package boot wires a function together: environment and secrets become the use cases, the shops' keys and the log. It
// is the one place that imports everything; each function's main calls MustStart and hands the parts to its handler.
package boot

import (
	"log/slog"

	"kassa/shared/api"
	"kassa/shared/checkout"
	"kassa/shared/shop"
)

// App is what a function works with. It may serve several invocations at once.
type App struct {
	Service *checkout.Service
	Keys    api.Keys
	Stage   string
	Log     *slog.Logger

	shops          *shop.Shops
	banks          *banks
	region, lambda string // where functions are started, for HandOn
}

// Edge stands around handlers by routeKey; a body may have up to maxBody bytes.
func (a App) Edge(routes map[string]api.Handler, maxBody int) api.Edge {
	return api.Edge{Routes: routes, MaxBody: maxBody, Log: a.Log, Now: a.Service.Now, Stage: a.Stage}
}
