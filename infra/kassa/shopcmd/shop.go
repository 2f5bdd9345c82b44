// Package shopcmd is `kassa shop`: a shop comes on board, changes, and gets new keys.
package shopcmd

import (
	"context"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/tool"
	"kassa/infra/kassa/vault"
)

// New makes the command.
func New(t *tool.Tool) *cobra.Command {
	return tool.Group("shop", "Set shops up: their settings, their banks and their keys",
		newInit(t), newCheck(t), newPut(t), newList(t), newShow(t), newRotate(t), newBitrix(t))
}

// open finds the stage and its vault.
func open(ctx context.Context, t *tool.Tool) (v *vault.Vault, stage string, err error) {
	at, err := t.Flags.Open(ctx)
	if err != nil {
		return nil, "", err
	}
	return vault.New(at.Secrets(), at.Name), at.Name, nil
}
