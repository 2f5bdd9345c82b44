package boot

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"kassa/shared/awsclient"
	"kassa/shared/payment"
)

// againTime is how long Lambda may take to promise a run.
const againTime = 2 * time.Second

// Again gives what starts the very function that runs once more, under the alias that it runs by, with an event. It
// waits for no answer but that Lambda will do so. Misconfigured when it may not, else Unavailable.
func (a App) Again() func(ctx context.Context, event any) error {
	config := awsclient.Config(a.region, a.lambda, againTime)
	return func(ctx context.Context, event any) error {
		text, err := json.Marshal(event)
		if err == nil {
			err = awsclient.Start(ctx, config, running(ctx), text)
		}
		if err == nil {
			return nil
		}
		kind := payment.Misconfigured
		if awsclient.FaultOf(err) == awsclient.Transient {
			kind = payment.Unavailable
		}
		return &payment.Error{Kind: kind, Message: "This function cannot start itself once more.", Cause: err}
	}
}

// running is the function that runs. The ARN that it was invoked by has an alias as its eighth part, if it was invoked
// by one.
func running(ctx context.Context) awsclient.Function {
	f := awsclient.Function{Name: lambdacontext.FunctionName}
	if invoked, ok := lambdacontext.FromContext(ctx); ok {
		if parts := strings.Split(invoked.InvokedFunctionArn, ":"); len(parts) == 8 {
			f.Alias = parts[7]
		}
	}
	return f
}
