package archtest

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// checkTyped looks at what needs to know what a name stands for: changes to
// package-level variables anywhere, and in the engine loops over maps, whose
// order differs from run to run.
func (t *Tree) checkTyped(p *pkg) {
	info := &types.Info{
		Uses:  map[*ast.Ident]types.Object{},
		Types: map[ast.Expr]types.TypeAndValue{},
	}
	t.load(p, info)
	for _, f := range p.files {
		if f.test {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					for _, left := range n.Lhs {
						t.checkChange(info, left)
					}
				}
			case *ast.IncDecStmt:
				t.checkChange(info, n.X)
			case *ast.RangeStmt:
				if p.dir == "internal/engine" && isMap(info.Types[n.X].Type) {
					t.report(t.at(n.Pos()), "the engine ranges over a map", "the same events must give the same state, and a map has no order")
				}
			}
			return true
		})
	}
}

// checkChange reports an assignment whose destination is, or lies inside, a
// package-level variable.
func (t *Tree) checkChange(info *types.Info, left ast.Expr) {
	root := left
	for {
		switch e := root.(type) {
		case *ast.IndexExpr:
			root = e.X
		case *ast.SelectorExpr:
			root = e.X
		case *ast.StarExpr:
			root = e.X
		case *ast.ParenExpr:
			root = e.X
		case *ast.Ident:
			v, ok := info.Uses[e].(*types.Var)
			if ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
				t.report(t.at(left.Pos()), "changes the package-level variable "+v.Name(),
					"no globals that change: two runs in one process must not see each other")
			}
			return
		default:
			return
		}
	}
}

func isMap(typ types.Type) bool {
	if typ == nil {
		return false
	}
	_, ok := typ.Underlying().(*types.Map)
	return ok
}

// load type-checks a package as far as the tree goes: our own imports are
// loaded from source, and names from elsewhere stay unknown, which no check
// here minds.
func (t *Tree) load(p *pkg, info *types.Info) *types.Package {
	var files []*ast.File
	for _, f := range p.files {
		if !f.test && f.ast.Name.Name == p.name {
			files = append(files, f.ast)
		}
	}
	conf := types.Config{Importer: ownImporter{t}, Error: func(error) {}}
	loaded, _ := conf.Check(Module+"/"+p.dir, t.fset, files, info)
	return loaded
}

// ownImporter finds packages of this module only.
type ownImporter struct{ tree *Tree }

// errForeign makes the type checker go on without the package.
var errForeign = errors.New("not a package of this module")

// Import implements types.Importer.
func (o ownImporter) Import(name string) (*types.Package, error) {
	dir, ours := strings.CutPrefix(name, Module+"/")
	p := o.tree.packages[dir]
	if !ours || p == nil {
		return nil, errForeign
	}
	if o.tree.loaded[dir] == nil {
		o.tree.loaded[dir] = o.tree.load(p, nil)
	}
	return o.tree.loaded[dir], nil
}
