package client_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

// together is how many tests run side by side: most of their time they wait for
// brokers, not for a processor. Who gives -parallel is obeyed, as fuzzing must be.
const (
	parallelFlag = "test.parallel"
	together     = "16"
)

func TestMain(m *testing.M) {
	if job := os.Getenv(windowEnv); job != "" {
		f := strings.Split(job, ",")
		fmt.Fprintln(os.Stderr, playWindow(f[0], f[1], f[2], f[3], f[4]))
		os.Exit(1)
	}
	if job := os.Getenv(runWindowEnv); job != "" {
		f := strings.Split(job, ",")
		fmt.Fprintln(os.Stderr, playRun(f[0], f[1], f[2], f[3]))
		os.Exit(1)
	}
	if job := os.Getenv(redeliveryEnv); job != "" {
		f := strings.Split(job, ",")
		fmt.Fprintln(os.Stderr, playRedelivery(f[0], f[1], f[2], f[3], f[4]))
		os.Exit(1)
	}
	if job := os.Getenv(floodedEnv); job != "" {
		f := strings.Split(job, ",")
		if err := playFlooded(f[0], f[1], f[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == parallelFlag })
	if !said {
		if err := flag.Set(parallelFlag, together); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	code := m.Run()
	for _, stop := range []func() error{clusters.Stop, stopSandbox, removeWorker} {
		if err := stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}
