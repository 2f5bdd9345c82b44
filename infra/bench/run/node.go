package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/infra/bench"
	"kassa/infra/local/stack"
)

// node are the peers: Initiate's work as others would write it, as its files are and bundled into one. They have a
// table with the one key that Powertools has by default, in the same engine, and the bank's letter to the shop in a
// file. Where they cannot be made, why says so.
func (w *world) node(ctx context.Context, root, folder string, next func() ([]byte, error)) (all []program,
	why string, err error) {
	at := filepath.Join(root, ".cache", "bench-node")
	if at, err = filepath.Abs(at); err != nil {
		return nil, "", err
	}
	version, why := installNode(ctx, filepath.Join(root, "infra", "bench", "node"), at)
	if version == "" {
		return nil, why, nil
	}
	credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "bench", SecretAccessKey: "local"}, nil
	})
	table, endpoint, shop := "bench-node", aws.String(w.Info.EngineURL), w.Info.Shops[0]
	_, err = dynamodb.New(dynamodb.Options{Region: stack.Region, BaseEndpoint: endpoint, Credentials: credentials}).
		CreateTable(ctx, &dynamodb.CreateTableInput{TableName: &table, BillingMode: types.BillingModePayPerRequest,
			AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: "S"}},
			KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}}})
	if err != nil {
		return nil, "", fmt.Errorf("make the table of Node's program: %w", err)
	}
	secrets := secretsmanager.New(secretsmanager.Options{Region: stack.Region, BaseEndpoint: endpoint,
		Credentials: credentials})
	bank, err := secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{
		SecretId: aws.String("kassa/local/bank/" + shop.ID + "/" + shop.Banks[0])})
	if err != nil {
		return nil, "", fmt.Errorf("read the bank's letter for Node's program: %w", err)
	}
	file := filepath.Join(folder, "bank.json")
	if err := os.WriteFile(file, []byte(aws.ToString(bank.SecretString)), 0o600); err != nil {
		return nil, "", err
	}
	for name, script := range map[string]string{bench.Node: plainScript, bench.Bundled: bundledScript} {
		all = append(all, program{name: name, binary: filepath.Join(at, script), next: next,
			environment: map[string]string{"IDEMPOTENCY_TABLE": table, "BANK_FILE": file, "CALLBACK_URL": w.door}})
	}
	return all, version, nil
}

// installNode brings the packages into a folder, with the newest release of Node that keeps getting fixes for years; a
// Node that the machine has will do where npm lets that one not be installed. It gives the version, or why there is
// none.
func installNode(ctx context.Context, source, at string) (version, why string) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", "left out: this machine has no npm"
	}
	if err := os.MkdirAll(at, 0o700); err != nil {
		return "", "left out: " + err.Error()
	}
	changed := false
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(source, name)) //nolint:gosec // files of the repository
		if err != nil {
			return "", "left out: " + err.Error()
		}
		old, _ := os.ReadFile(filepath.Join(at, name)) //nolint:gosec // a copy that may not be there yet
		changed = changed || !bytes.Equal(old, text)
		//nolint:gosec // a copy of it in our own cache
		if err := os.WriteFile(filepath.Join(at, name), text, 0o600); err != nil {
			return "", "left out: " + err.Error()
		}
	}
	if _, err := os.Stat(filepath.Join(at, "node_modules")); changed || err != nil {
		//nolint:gosec // what the machine calls npm
		install := exec.CommandContext(ctx, npm, "ci", "--silent", "--no-audit", "--no-fund")
		install.Dir = at
		if err := install.Run(); err != nil {
			_ = os.Remove(filepath.Join(at, "package.json")) // so that the next run tries again
			return "", "left out: npm ci failed, perhaps for want of a connection"
		}
	}
	node := filepath.Join(at, "node_modules", "node", "bin", "node")
	if _, err := os.Stat(node); err != nil {
		if node, err = exec.LookPath("node"); err != nil {
			return "", "left out: there is no Node"
		}
	}
	out, err := exec.CommandContext(ctx, node, "--version").Output()    //nolint:gosec // the node that was found
	text, readErr := os.ReadFile(filepath.Join(source, "bootstrap.js")) //nolint:gosec // a file of the repository
	if err = errors.Join(err, readErr); err == nil {
		text = append([]byte("#!"+node+"\n"), text...)
		err = os.WriteFile(filepath.Join(at, plainScript), text, 0o700) //nolint:gosec // it is run
	}
	if err == nil {
		err = bundle(ctx, at)
	}
	if err != nil {
		return "", "left out: " + err.Error()
	}
	return strings.TrimSpace(string(out)), ""
}

// The scripts that are run.
const (
	plainScript   = "bootstrap.mjs"
	bundledScript = "bundled.mjs"
)

// bundle puts the script and all that it imports into one file, as the SDK's makers advise for a quick start.
func bundle(ctx context.Context, at string) error {
	//nolint:gosec // the bundler that was just installed
	command := exec.CommandContext(ctx, filepath.Join(at, "node_modules", ".bin", "esbuild"), plainScript, "--bundle",
		"--minify", "--platform=node", "--format=esm", "--outfile="+bundledScript, "--log-level=error",
		"--banner:js=import{createRequire}from'node:module';const require=createRequire(import.meta.url);")
	command.Dir = at
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("bundle: %w: %s", err, said)
	}
	return os.Chmod(filepath.Join(at, bundledScript), 0o700) //nolint:gosec // it is run
}

// powertools stands before the engine and says in its words the two requests of Powertools' idempotency that it does
// not know. What the program in Node sends stays as Powertools wrote it.
type powertools struct{ engine http.Handler }

const put = "DynamoDB_20120810.PutItem"

func (p powertools) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target := r.Header.Get("X-Amz-Target")
	if target != put && target != "DynamoDB_20120810.UpdateItem" {
		p.engine.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	var request struct {
		TableName string
		Key       map[string]any
		Item      map[string]any
		Update    string            `json:"UpdateExpression"`
		Names     map[string]string `json:"ExpressionAttributeNames"`
		Values    map[string]any    `json:"ExpressionAttributeValues"`
	}
	if err != nil || json.Unmarshal(body, &request) != nil {
		http.Error(w, "the request cannot be read", http.StatusBadRequest)
		return
	}
	said := map[string]any{"TableName": request.TableName, "Item": request.Item}
	switch {
	case request.Names == nil: // one of ours
		said = nil
	case target == put: // taken, unless what stands there is out of date, which nothing is here
		said["ConditionExpression"] = "attribute_not_exists(" + request.Names["#id"] + ")"
	default: // every attribute but one is set, and that one is of no further use
		item := request.Key
		for term := range strings.SplitSeq(strings.TrimPrefix(request.Update, "SET "), ", ") {
			name, value, _ := strings.Cut(term, " = ")
			item[request.Names[name]] = request.Values[value]
		}
		said["Item"] = item
	}
	if said != nil {
		body, err = json.Marshal(said)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		r.Header.Set("X-Amz-Target", put)
		r.Header.Set("Content-Length", strconv.Itoa(len(body)))
		r.ContentLength = int64(len(body))
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	p.engine.ServeHTTP(w, r)
}
