package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestSaveBySequenceInMySQL runs the page's table and statement for MySQL on a server of its own (MariaDB, which reads
// both as MySQL does): newer wins, older and equal change nothing, and the number of rows says which.
func TestSaveBySequenceInMySQL(t *testing.T) {
	server, client, install := interpreter(t, "mariadbd", "/usr/sbin/mariadbd"), interpreter(t, "mariadb"),
		interpreter(t, "mariadb-install-db")
	folder, err := os.MkdirTemp("", "kassa-sql") // short: the path of a socket has 107 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) }) // what is left of it is nobody's
	socket := filepath.Join(folder, "s")
	data := "--datadir=" + filepath.Join(folder, "data")
	if out, err := exec.Command(install, "--no-defaults", data, "--auth-root-authentication-method=normal",
		"--skip-test-db").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	db := exec.CommandContext(t.Context(), server, "--no-defaults", data, "--socket="+socket,
		"--pid-file="+filepath.Join(folder, "pid"), "--skip-networking", "--skip-grant-tables", "--user=root")
	var log strings.Builder
	db.Stderr = &log
	if err := db.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Process.Kill(); _ = db.Wait() }) // it was killed, so its end is no news
	run := func(sql string) (string, error) {
		out, err := exec.CommandContext(t.Context(), client, "--no-defaults", "--socket="+socket, "--skip-column-names",
			"--batch", "-e", sql).CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	for tries := 0; ; tries++ {
		if out, err := run("CREATE DATABASE shop"); err == nil {
			break
		} else if tries == 600 {
			t.Fatalf("it does not start: %s\n%s", out, &log)
		}
		<-time.After(100 * time.Millisecond)
	}
	if out, err := run("USE shop; " + find(t, "sql", "mysql-table")); err != nil {
		t.Fatal(out)
	}
	var changed []string
	for _, step := range [][2]string{{"pending", "2"}, {"paid", "4"}, {"declined", "3"}, {"paid", "4"},
		{"refunded", "6"}} {
		values := map[string]string{":id": "'pay_x-1'", ":order_ref": "'№ 1'", ":status": "'" + step[0] + "'", ":amount": "1",
			":currency": "'AZN'", ":captured_amount": "1",
			":refunded_amount": "0", ":review": "NULL", ":sequence": step[1]}
		sql := regexp.MustCompile(`:[a-z_]+`).ReplaceAllStringFunc(find(t, "sql", "mysql-save"), func(name string) string {
			return values[name]
		})
		out, err := run("USE shop; SET NAMES utf8mb4; " + sql + "; SELECT ROW_COUNT()")
		if err != nil {
			t.Fatal(out)
		}
		changed = append(changed, out)
	}
	if got := strings.Join(changed, " "); got != "1 2 0 0 2" {
		t.Errorf("rows: %s", got)
	}
	if out, err := run("USE shop; SELECT status, sequence FROM kassa_payments"); err != nil || out != "refunded\t6" {
		t.Errorf("%s %v", out, err)
	}
}
