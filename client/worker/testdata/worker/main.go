// Command worker is a program that is nothing but a worker, for tests: the real
// one needs a C compiler and, under the race detector, would report the client
// library's own races.
package main

import (
	"os"

	"gantry/client/worker"
)

func main() { os.Exit(worker.Main(os.Stdin, os.Stdout)) }
