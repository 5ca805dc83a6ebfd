// The Pulumi CLI, built from its published module: `go build github.com/pulumi/pulumi/pkg/v3/cmd/pulumi`.
module pulumi-lvs/engine/cli

go 1.25.11

require (
	github.com/pulumi/pulumi/pkg/v3 v3.250.0
	github.com/pulumi/pulumi/sdk/v3 v3.250.0
)

// The CLI's own go.mod replaces this module, and a replacement counts only in the module that is built.
replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e
