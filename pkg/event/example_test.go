package event_test

import (
	"fmt"
	"os"
	"time"

	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// A program lists what was changed, and when, from a run's journal.
func ExampleDecode() {
	file, err := os.Open("../../testdata/journals/intact.jsonl")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = file.Close() }()
	for entries := journal.NewScanner(file, nil); entries.Scan(); {
		e, err := event.Decode(entries.Entry().Line)
		if err != nil {
			fmt.Println(err)
			return
		}
		switch b := e.Body.(type) {
		case event.RunStarted:
			fmt.Println(e.Time.Format(time.DateTime), "began:", b.Runbook)
		case event.StepSucceeded:
			fmt.Println(e.Time.Format(time.DateTime), e.Path, "changed its target:", b.Changed)
		case event.RunEnded:
			fmt.Println(e.Time.Format(time.DateTime), "ended:", b.Status)
		}
	}
	// Output:
	// 2026-01-02 03:04:05 began: containment
	// 2026-01-02 03:04:06 email changed its target: true
	// 2026-01-02 03:04:06 ended: succeeded
}

// What a newer irctl wrote is kept, and can be told from what is known.
func ExampleUnknown() {
	e, err := event.Decode([]byte(`{"time":"2026-01-02T03:04:05Z","type":"step_dreamt","path":"email"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, unknown := e.Body.(event.Unknown)
	fmt.Println(e.Type(), e.Path, unknown)
	// Output: step_dreamt email true
}
