//go:build unix && !linux

package lambda

import "syscall"

// childAttributes keep Ctrl-C from reaching the child: the host ends it in order. When the host is killed, a waiting
// runtime loses its connection and exits by itself.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
