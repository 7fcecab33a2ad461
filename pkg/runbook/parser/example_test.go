package parser_test

import (
	"fmt"
	"os"

	"github.com/irctl/irctl/pkg/runbook"
	"github.com/irctl/irctl/pkg/runbook/parser"
)

// Which steps of a runbook change systems without asking anybody?
func ExampleParse() {
	src := []byte(`irctl: v1
name: stolen-laptop
title: Lock out a stolen laptop
steps:
  - {id: lock, uses: account.disable, target: directory, with: {account: alice}}
  - {id: rotate, uses: credentials.rotate, target: directory, with: {account: alice}, approval: {roles: [commander]}}
`)
	rb, found := parser.Parse("stolen-laptop.yaml", src)
	if found.HasErrors() {
		fmt.Println(found.Render(os.Stdout, map[string][]byte{"stolen-laptop.yaml": src}))
		return
	}
	for _, step := range rb.Steps {
		if step.Kind == runbook.KindUses && step.Approval == nil {
			fmt.Printf("%s: %s uses %s\n", step.Span, step.ID.Value, step.Uses.Action.Value)
		}
	}
	// Output: stolen-laptop.yaml:5:5: lock uses account.disable
}
