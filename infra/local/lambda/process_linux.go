package lambda

import "syscall"

// childAttributes let the kernel end the child with its host, and keep Ctrl-C from reaching it: the host ends it in
// order.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
