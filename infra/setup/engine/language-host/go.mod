// Pulumi's host for Node programs: the last one that lies in a published module.
module pulumi-lvs/engine/language-host

go 1.21

require github.com/pulumi/pulumi/sdk/v3 v3.68.0
