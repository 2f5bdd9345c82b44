//go:build !unix

package lambda

import "syscall"

// childAttributes asks for nothing special: a runtime whose host is gone loses its connection and exits by itself.
func childAttributes() *syscall.SysProcAttr { return nil }
