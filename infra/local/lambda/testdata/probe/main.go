// Probe is a function that does what its event asks for, so that the host can be tested against a real runtime.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type request struct{ Do, Text string }

type answer struct {
	PID      int
	Text     string            `json:",omitempty"`
	Deadline time.Time         `json:",omitzero"`
	ID       string            `json:",omitempty"`
	ARN      string            `json:",omitempty"`
	Env      map[string]string `json:",omitempty"`
}

func main() {
	switch os.Getenv("PROBE_START") {
	case "exit":
		fmt.Fprintln(os.Stderr, "PROBE_START says so")
		os.Exit(3)
	case "panic":
		panic("no start today")
	case "report":
		body := strings.NewReader(`{"errorMessage":"no table","errorType":"Config.Missing"}`)
		response, err := http.Post("http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/init/error",
			"application/json", body)
		if err != nil || response.StatusCode != http.StatusAccepted {
			panic(fmt.Sprint(response, err))
		}
		os.Exit(1)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, r request) (answer, error) {
	fmt.Println("asked to", r.Do, r.Text)
	a := answer{PID: os.Getpid()}
	switch r.Do {
	case "echo":
		a.Text = r.Text
	case "context":
		lc, _ := lambdacontext.FromContext(ctx)
		a.ID, a.ARN = lc.AwsRequestID, lc.InvokedFunctionArn
		a.Deadline, _ = ctx.Deadline()
	case "environment":
		a.Env = map[string]string{}
		for _, pair := range os.Environ() {
			name, text, _ := strings.Cut(pair, "=")
			a.Env[name] = text
		}
	case "error":
		return a, errors.New(r.Text)
	case "panic":
		panic(r.Text)
	case "exit":
		os.Exit(7)
	case "exit soon": // after the answer, when nobody waits any more
		go func() {
			<-time.After(200 * time.Millisecond) // its answer must be out by then, on a busy machine, too
			os.Exit(0)
		}()
	case "hang":
		select {}
	case "wait for file":
		for {
			if _, err := os.Stat(r.Text); err == nil {
				return a, nil
			}
			time.Sleep(time.Millisecond)
		}
	case "large":
		a.Text = strings.Repeat("x", 7<<20)
	}
	return a, nil
}
