// Command gantry is a desktop client for Apache RocketMQ.
//
// Started with "worker" as its first argument it is a child of a window and runs
// one job; see package gantry/client/worker.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"

	"fyne.io/fyne/v2/app"
	"gopkg.in/natefinch/lumberjack.v2"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/sandbox"
	"gantry/client/vault"
	"gantry/client/worker"
	"gantry/gui"
)

const version = "0.1.0"

func main() {
	if len(os.Args) > 1 && os.Args[1] == worker.Argument {
		os.Exit(worker.Main(os.Stdin, os.Stdout))
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("gantry", flag.ContinueOnError)
	flags.SetOutput(errs)
	data := flags.String("data", "", "keep everything under `DIR` instead of the user's own folders")
	show := flags.Bool("version", false, "print the version and exit")
	alone := flags.Bool("sandbox", false, "run a small RocketMQ on this computer instead of the window, until it is interrupted")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *show {
		fmt.Fprintf(out, "gantry %s %s/%s %s\n", version, runtime.GOOS, runtime.GOARCH, runtime.Version())
		return 0
	}
	folders := client.DefaultFolders()
	if *data != "" {
		dir, err := filepath.Abs(*data)
		if err != nil {
			fmt.Fprintln(errs, "gantry:", err)
			return 1
		}
		folders = client.FoldersIn(dir)
	}
	if *alone {
		return runSandbox(folders, out, errs)
	}
	if err := gui.CheckDisplay(); err != nil {
		fmt.Fprintln(errs, "gantry:", err)
		return 1
	}
	return window(folders, errs)
}

// runSandbox runs a sandbox without a window until a signal ends it.
func runSandbox(folders client.Folders, out, errs io.Writer) int {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt, syscall.SIGTERM)
	s, err := sandbox.OpenAlone(sandbox.Options{
		Dir: filepath.Join(folders.Data, "sandbox"), NameServer: sandbox.NameServerPort, Broker: sandbox.BrokerPort,
		Log: slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{ReplaceAttr: fault.LogAttr(nil)})),
	})
	if err != nil {
		fmt.Fprintln(errs, "gantry:", err)
		return 1
	}
	fmt.Fprintf(out, "RocketMQ sandbox: name server %s, broker %s\nOne node for development, reached from this computer only. Ctrl+C ends it.\n", s.NameServer(), s.Broker())
	<-ended
	if err := s.Close(); err != nil {
		fmt.Fprintln(errs, "gantry:", err)
		return 1
	}
	return 0
}

// window runs the program until its window is closed.
func window(folders client.Folders, errs io.Writer) int {
	log := slog.New(slog.NewTextHandler(logFile(folders), &slog.HandlerOptions{ReplaceAttr: fault.LogAttr(nil)}))
	if crash, err := os.OpenFile(filepath.Join(folders.State, "crash.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err == nil {
		// A crash's stacks hold addresses, never the values behind them.
		_ = debug.SetCrashOutput(crash, debug.CrashOptions{})
		_ = crash.Close()
	}
	exe, err := os.Executable()
	if err != nil {
		fmt.Fprintln(errs, "gantry:", err)
		return 1
	}
	client.LimitMemory()
	c, err := client.New(client.Params{Folders: folders, Executable: exe, Log: log, Vault: vault.New()})
	if errors.Is(err, fault.FolderInUse) && client.Knock(folders) {
		// Its window comes to the front; a second one would only say so.
		fmt.Fprintln(errs, "gantry:", err)
		return 1
	}
	app.SetMetadata(gui.Metadata(version))
	a := app.NewWithID(gui.ID)
	if err != nil {
		fmt.Fprintln(errs, "gantry:", err)
		gui.ShowProblem(a, folders, err)
		return 1
	}
	w := gui.New(gui.Params{App: a, Client: c, Log: log, Version: version, Exit: os.Exit})
	w.Run()
	if err := w.Finish(); err != nil {
		log.Error("closing", "error", err)
		return 1
	}
	return 0
}

// logFile is the rotated log, in a folder that only the user can read.
func logFile(folders client.Folders) io.Writer {
	if err := os.MkdirAll(folders.State, 0o700); err != nil {
		return io.Discard
	}
	return &lumberjack.Logger{Filename: filepath.Join(folders.State, "gantry.log"), MaxSize: 5, MaxBackups: 3}
}
