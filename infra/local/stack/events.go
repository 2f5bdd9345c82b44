// What invokes functions by itself: the table's stream and the schedules, as template.yaml declares them.

package stack

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"kassa/infra/local/schedule"
	"kassa/infra/local/streams"
)

// startStreams follows the table's stream for the functions that are declared to.
func (s *Stack) startStreams(ctx context.Context) error {
	var mappings []streams.Mapping
	readers := ""
	for _, f := range s.app.Functions {
		for _, declared := range f.Streams {
			mappings = append(mappings, streams.Mapping{Stream: declared, Function: f.Name, Target: s.functions[f.Name]})
			readers += f.Name
		}
	}
	if len(mappings) == 0 {
		return nil
	}
	client := dynamodbstreams.New(dynamodbstreams.Options{
		Region: Region, BaseEndpoint: aws.String(address(s.Ports.Engine)),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			// On AWS the mapping reads the stream with the function's own role, so here it reads under the function's name.
			return aws.Credentials{AccessKeyID: readers, SecretAccessKey: "local"}, nil
		}),
	})
	o := streams.Options{Client: client, Table: s.app.Table.Name, Folder: s.config.Data, Log: s.log}
	if s.Engine != nil {
		o.Written = s.Engine.Written
		o.Done = func(sequence string) error { return s.Engine.Trim(s.app.Table.Name, sequence) }
	}
	poller, err := streams.Open(ctx, o, mappings)
	if err != nil {
		return err
	}
	s.onClose(poller.Close)
	poller.Start()
	return nil
}

// startSchedules runs the declared schedules on the ticks.
func (s *Stack) startSchedules(context.Context) error {
	var jobs []schedule.Job
	for _, f := range s.app.Functions {
		for _, j := range f.Schedules {
			jobs = append(jobs, schedule.Job{Name: f.Name + j.Name, Every: j.Every, Input: j.Input, Target: s.functions[f.Name]})
		}
	}
	ticks, stopTicks := s.config.Ticks, func() {}
	if ticks == nil {
		ticker := time.NewTicker(time.Second)
		ticks, stopTicks = ticker.C, ticker.Stop
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		schedule.Run(ctx, ticks, jobs, s.log)
	}()
	s.onClose(func(context.Context) error {
		stopTicks()
		cancel()
		<-ended
		return nil
	})
	return nil
}
