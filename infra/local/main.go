// Command local runs the whole checkout on one machine: `make run`, or `go run ./infra/local` in the root of the
// repository.
//
// PORT (8080) is where the demo shop listens; the API, the callbacks, the simulated banks and the engine follow on the
// ports after it. KASSA_DATA (.kassa) is the folder of all state. Once everything serves, "kassa: ready <address>"
// stands alone on a line of stdout and <KASSA_DATA>/local.json holds the addresses and the demo shops' keys.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"kassa/infra/local/demo"
	"kassa/infra/local/stack"
)

// patience is how long requests under way may take once the stack is told to end.
const patience = 5 * time.Second

func main() {
	// what the engine answers is garbage at once, and collecting it as often as Go does by itself a fourth of its work
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal then ends the program at once
	if err := run(ctx, os.Getenv, os.Stdout, os.Stderr); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "kassa:", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

// run serves until ctx ends. An end that was asked for is no failure, also while it is still starting: scripts that end
// a stack early get 0.
func run(ctx context.Context, getenv func(string) string, stdout, stderr io.Writer) error {
	config := stack.Config{Port: 8080, Data: getenv("KASSA_DATA"), Progress: stdout, Errors: stderr}
	if text := getenv("PORT"); text != "" {
		port, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("PORT must be a number, not %q", text)
		}
		config.Port = port
	}
	s, err := stack.Start(ctx, config)
	if ctx.Err() != nil {
		return nil // told to end while it started
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, welcome(s))
	if err == nil {
		<-ctx.Done()
		_, _ = fmt.Fprintln(stdout, "kassa: ending")
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if closeErr := s.Close(closing); err == nil {
		err = closeErr
	}
	return err
}

// welcome is the ready line and, below it, what to open and what to try.
func welcome(s *stack.Stack) string {
	i, shop := s.Info, s.Info.Shops[0]
	var desks []string
	for _, entry := range demo.Simulators() {
		desks = append(desks, i.Simulators[entry.Name].PageURL+"/desk")
	}
	return fmt.Sprintf(`kassa: ready %[1]s

  open the demo shop      %[1]s
  its orders              %[1]s/orders
  the banks' desks        %[4]s
  the API, to read        %[1]s/docs/api
  keys and addresses      %[6]s
  logs of the functions   %[7]s

  pay with the card       %[8]s
  or by instalments       %[1]s/in/BYN
  or by the API:

  curl -s %[2]s/v1/payments \
    -H 'Authorization: Bearer %[3]s' \
    -H 'Content-Type: application/json' \
    -d '{"order_ref":"order-1","bank":"%[5]s","amount":15000,"currency":"AZN","description":"One pomegranate",
         "return_urls":{"success":"%[1]s/"}}'

`, i.ShopURL, i.APIURL, shop.APIKey, strings.Join(desks, "\n"+strings.Repeat(" ", 26)), shop.Banks[0], s.InfoFile(),
		s.LogFolder(), demo.Card)
}
