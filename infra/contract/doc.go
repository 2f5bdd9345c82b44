// Package contract holds no code that runs: its tests, which `make contract` starts, let schemathesis look for what the
// running stack answers and openapi.yaml does not say.
package contract
