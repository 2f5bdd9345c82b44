package sample

import (
	"testing"
	"time"
)

func TestTake(t *testing.T) {
	if left, err := Take(5, 2); left != 3 || err != nil {
		t.Error(left, err)
	}
	if left, err := Take(5, 3); left != 2 || err != nil {
		t.Error(left, err)
	}
	if _, err := Take(5, 4); err == nil {
		t.Error("four were taken")
	}
}

func TestPause(t *testing.T) {
	if d := Pause(true, 2); d != 4*time.Second+1 {
		t.Error(d)
	}
}
