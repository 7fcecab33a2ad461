package cacao

import (
	"mvdan.cc/sh/v3/syntax"
)

// spread finds the variables of the shell that a value gets into: a=__x__:value,
// and from there b="$a". A value is data in them as long as the text does not
// have them evaluated, as [[ $a -gt 1 ]] and ssh host "rm $a" do.
func (s *shellText) spread(file *syntax.File) map[string]bool {
	reached := map[string]bool{}
	for before := -1; before != len(reached); {
		before = len(reached)
		syntax.Walk(file, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.Assign:
				if n.Name != nil && (n.Value != nil && s.holds(n.Value, reached) || n.Array != nil && s.holds(n.Array, reached)) {
					reached[n.Name.Value] = true
				}
			case *syntax.WordIter:
				for _, item := range n.Items {
					if s.holds(item, reached) {
						reached[n.Name.Value] = true
					}
				}
			case *syntax.Stmt:
				s.readInto(n, reached)
			}
			return true
		})
	}
	return reached
}

// readInto notes the variables that read fills from a value.
func (s *shellText) readInto(n *syntax.Stmt, reached map[string]bool) {
	call, ok := n.Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) == 0 || literalWord(call.Args[0]) != "read" {
		return
	}
	for _, r := range n.Redirs {
		if r.Hdoc != nil && s.holds(r.Hdoc, reached) || r.Hdoc == nil && r.Word != nil && s.holds(r.Word, reached) {
			for _, w := range call.Args[1:] {
				reached[literalWord(w)] = true
			}
		}
	}
}

// holds reports whether a part of the text holds a reference, or a variable
// that a value gets into.
func (s *shellText) holds(n syntax.Node, reached map[string]bool) bool {
	for range s.within(n) {
		return true
	}
	found := false
	syntax.Walk(n, func(n syntax.Node) bool {
		if p, ok := n.(*syntax.ParamExp); ok && p.Param != nil {
			found = found || reached[p.Param.Value]
		}
		return !found
	})
	return found
}

// evaluated refuses a variable of the shell that a value gets into, where the
// shell or another program would evaluate it.
func (s *shellText) evaluated(n syntax.Node) {
	name := ""
	switch n := n.(type) {
	case *syntax.ParamExp:
		if n.Param != nil {
			name = n.Param.Value
		}
	case *syntax.Lit: // $((a)) reads a without a dollar sign
		name = n.Value
	}
	if !s.reached[name] {
		return
	}
	_, bare := n.(*syntax.Lit)
	for i, outer := range s.stack[:len(s.stack)-1] {
		why := ""
		switch outer := outer.(type) {
		case *syntax.ParamExp:
			if s.stack[i+1] != syntax.Node(outer.Param) && (outer.Slice != nil || outer.Index != nil) {
				why = "inside ${ } where a number is wanted, which the shell would evaluate"
			}
		case *syntax.CmdSubst, *syntax.ExtGlob:
		case *syntax.Assign:
			if s.stack[i+1] == syntax.Node(outer.Index) {
				why = "in a subscript, which the shell would evaluate"
			}
		default:
			if !bare || arithmetic(outer) {
				why = inside(outer, s.stack[i+1])
			}
		}
		if why != "" && s.err == nil {
			s.err = permanent("$"+name+", which holds a value of the playbook, stands "+why,
				"values are put into a command as data and never as a part of its program; check what "+name+" holds before, or write the command without it")
		}
	}
}

func arithmetic(n syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.ArithmExp, *syntax.ArithmCmd, *syntax.LetClause, *syntax.CStyleLoop:
		return true
	case *syntax.BinaryTest:
		return inside(n, nil) != ""
	}
	return false
}
