package control

import (
	"context"
	"fmt"
	"net/http"
)

// Command is what the body of POST /_sim/orders/{id} holds at every bank; a bank
// adds its own fields around it.
type Command struct {
	Action   string `json:"action"`
	Amount   int64  `json:"amount"` // minor units
	Status   string `json:"status"`
	Currency string `json:"currency"`
	Count    int    `json:"count"` // of messages to the shop; zero means once
}

// Common gives the part that all commands have.
func (c Command) Common() Command { return c }

// Action is one step on an order by its name. Answers are the shop's HTTP statuses,
// where the step sends something; else the order itself is the answer.
type Action[C any] func(ctx context.Context, id string, c C) (answers []int, err error)

// Plain makes an action of a step that needs no more than the order.
func Plain[C any](step func(id string) error) Action[C] {
	return func(_ context.Context, id string, _ C) ([]int, error) { return nil, step(id) }
}

// Quiet makes an action of a step that sends nothing.
func Quiet[C any](step func(id string, c C) error) Action[C] {
	return func(_ context.Context, id string, c C) ([]int, error) { return nil, step(id, c) }
}

// Actions are a bank's steps by their names.
type Actions[C interface{ Common() Command }] map[string]Action[C]

// Run takes the step that the command names.
func (a Actions[C]) Run(ctx context.Context, id string, c C) ([]int, error) {
	common := c.Common()
	run := a[common.Action]
	switch {
	case run == nil:
		return nil, fmt.Errorf("%w: action %.40q is not known", ErrBadInput, common.Action)
	case common.Count < 0 || common.Count > 1000:
		return nil, fmt.Errorf("%w: count is at most 1000", ErrBadInput)
	}
	return run(ctx, id, c)
}

// Orders serves /_sim/orders/{id}: an order as show tells it, and the steps on it.
func Orders[C interface{ Common() Command }](a *API, show func(id string) (any, error), steps Actions[C]) {
	Handle(a, "GET /_sim/orders/{id}", func(r *http.Request, _ *struct{}) (any, error) { return show(r.PathValue("id")) })
	Handle(a, "POST /_sim/orders/{id}", func(r *http.Request, c *C) (any, error) {
		answers, err := steps.Run(r.Context(), r.PathValue("id"), *c)
		if err != nil || answers != nil {
			return map[string]any{"answers": answers}, err
		}
		return show(r.PathValue("id"))
	})
}
