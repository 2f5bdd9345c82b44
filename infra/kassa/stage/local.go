// The stage of this machine. local.json is all that the command knows of a running stack; whether that still runs is
// tried by a connection, because a killed stack leaves the file behind.

package stage

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"kassa/infra/kassa/console"
	"kassa/shared/awsclient"
)

// Local is what local.json says about the stack that runs on this machine.
type Local struct {
	File      string `json:"-"` // where that stands
	ShopURL   string `json:"shop_url"`
	APIURL    string `json:"api_url"`
	EngineURL string `json:"engine_url"`
	Table     string `json:"table"`
	Shops     []struct {
		ID    string   `json:"id"`
		Banks []string `json:"banks"`
	} `json:"shops"`
}

// openLocal reads $KASSA_DATA/local.json, which a stack writes when it is ready and leaves behind when it ends.
func (f *Flags) openLocal(ctx context.Context) (Stage, error) {
	folder := f.env("KASSA_DATA")
	if folder == "" {
		folder = ".kassa"
	}
	l := Local{File: filepath.Join(folder, "local.json")}
	text, err := os.ReadFile(l.File)
	if errors.Is(err, os.ErrNotExist) {
		return Stage{}, console.Fail(console.TryAgain,
			`nothing runs on this machine (there is no %s): type "make run" in another terminal; KASSA_DATA says where its `+
				`data are`, l.File)
	}
	if err != nil {
		return Stage{}, console.Fail(console.Failed, "the local stack's addresses cannot be read: %w", err)
	}
	if err := json.Unmarshal(text, &l); err != nil || l.EngineURL == "" || l.Table == "" {
		return Stage{}, console.Fail(console.Failed,
			`%s does not say where the local stack listens: end it and type "make run" again`, l.File)
	}
	if err := l.answers(ctx); err != nil {
		return Stage{}, err
	}
	s := Stage{Name: LocalStage, Table: l.Table, Local: &l, config: localConfig(l.EngineURL)}
	if f.Table != "" {
		s.Table = f.Table
	}
	return s, nil
}

// answers makes sure that the stack still listens.
func (l Local) answers(ctx context.Context) error {
	u, err := url.Parse(l.EngineURL)
	if err == nil {
		var c net.Conn
		if c, err = (&net.Dialer{Timeout: callTime}).DialContext(ctx, "tcp", u.Host); err == nil {
			_ = c.Close() // nothing was said
		}
	}
	if err != nil {
		return console.Fail(console.TryAgain,
			`nothing answers at %s, where %s says that the local stack listens: it has ended; type "make run" again`,
			l.EngineURL, l.File)
	}
	return nil
}

// localConfig reaches the engine, which looks that a request is signed and not by whom.
func localConfig(endpoint string) aws.Config {
	c := awsclient.Config("eu-central-1", endpoint, callTime)
	c.Credentials = aws.CredentialsProviderFunc(signLocally)
	return c
}

// signLocally gives credentials that open nothing: the engine wants a signature and listens on this machine alone.
func signLocally(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
}

// callTime bounds one call of the engine.
const callTime = 5 * time.Second
