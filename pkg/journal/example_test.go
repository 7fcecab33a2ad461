package journal_test

import (
	"bytes"
	"fmt"
	"os"

	"github.com/irctl/irctl/pkg/journal"
)

// An auditor has a copy of a run's folder: the journal and, beside it, the
// record of the last entry that was acknowledged.
func ExampleVerify() {
	file, err := os.ReadFile("../../testdata/journals/end-cut.jsonl")
	if err != nil {
		fmt.Println(err)
		return
	}
	head, err := os.ReadFile("../../testdata/journals/end-cut.head")
	if err != nil {
		fmt.Println(err)
		return
	}
	var acknowledged *journal.Head // nil if there is no readable record
	if h, _, ok := journal.DecodeHead(head); ok {
		acknowledged = &h
	}
	report, err := journal.Verify(bytes.NewReader(file), acknowledged, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %d entries verify\n", report.Verdict, report.Entries)
	for _, f := range report.Findings {
		fmt.Println(f.Problem)
	}
	// Output:
	// truncated: 4 entries verify
	// entry 5 was cut off: 121 bytes of it are left
}

// Entries are sealed one after the other, each with the head of the one before.
func ExampleSeal() {
	head := journal.Genesis()
	var file bytes.Buffer
	for _, body := range []string{`{"type":"note_added","text":"first"}`, `{"type":"note_added","text":"second"}`} {
		line, next, err := journal.Seal(head, []byte(body))
		if err != nil {
			fmt.Println(err)
			return
		}
		file.Write(line)
		head = next
	}
	entries := journal.NewScanner(&file, &head)
	for entries.Scan() {
		fmt.Printf("%d %.40s...\n", entries.Entry().Seq, entries.Entry().Line)
	}
	report, err := entries.Report()
	fmt.Println(report.Verdict, err)
	// Output:
	// 1 {"seq":1,"type":"note_added","text":"fir...
	// 2 {"seq":2,"type":"note_added","text":"sec...
	// intact <nil>
}
