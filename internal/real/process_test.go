//go:build unix

package real

import (
	"os"
	"testing"

	"github.com/irctl/irctl/internal/child"
)

// The moments of an action at which a process can die.
const (
	beforeRecord = child.Record
	afterRecord  = child.Recorded // and before anything was changed
	afterEffect  = child.Effect   // and before its outcome was written
	afterUndo    = child.UndoEffect
)

func TestMain(m *testing.M) { os.Exit(child.Main(m, nil)) }
