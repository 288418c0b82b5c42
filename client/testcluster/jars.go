package testcluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// lockPoll is how often a lock held by another process is tried.
const lockPoll = 200 * time.Millisecond

// jars returns the folder of the version's jars, filled by Maven at first use.
// The caches lie in $ROCKETMQ_JARS or the user's cache folder, one folder a
// version, complete when it holds the file .complete; a lock keeps two processes
// from filling one together.
func jars(ctx context.Context, o Options) (string, error) {
	root := os.Getenv("ROCKETMQ_JARS")
	if root == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("%w: no cache folder: %w", ErrNotInstalled, err)
		}
		root = filepath.Join(cache, "rocketmq-jars")
	}
	dir := filepath.Join(root, o.Version)
	lib, mark := filepath.Join(dir, "lib"), filepath.Join(dir, ".complete")
	if exists(mark) {
		return lib, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotInstalled, err)
	}
	lock := flock.New(filepath.Join(dir, ".lock"))
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		return "", fmt.Errorf("wait for the jars of %s: %w", o.Version, err)
	}
	defer lock.Unlock()
	if exists(mark) { // another process was quicker
		return lib, nil
	}
	fmt.Fprintf(o.Log, "fetching the jars of RocketMQ %s with Maven\n", o.Version)
	if err := fetchJars(ctx, dir, o.Version); err != nil {
		return "", err
	}
	return lib, os.WriteFile(mark, nil, 0o644)
}

func fetchJars(ctx context.Context, dir, version string) error {
	artifacts := []string{"namesrv", "broker", "tools"}
	if version == V550 {
		artifacts = append(artifacts, "example", "proxy")
	}
	var pom strings.Builder
	pom.WriteString(`<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>` +
		`<groupId>local</groupId><artifactId>rocketmq</artifactId><version>1</version><packaging>pom</packaging><dependencies>` + "\n")
	for _, a := range artifacts {
		fmt.Fprintf(&pom, "<dependency><groupId>org.apache.rocketmq</groupId><artifactId>rocketmq-%s</artifactId><version>%s</version></dependency>\n", a, version)
	}
	pom.WriteString("</dependencies></project>\n")
	if err := os.WriteFile(filepath.Join(dir, "pom.xml"), []byte(pom.String()), 0o644); err != nil {
		return fmt.Errorf("%w: %w", ErrNotInstalled, err)
	}
	mvn := exec.CommandContext(ctx, "mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib")
	mvn.Dir = dir
	out, err := mvn.CombinedOutput()
	os.WriteFile(filepath.Join(dir, "mvn.log"), out, 0o644)
	if err != nil {
		return fmt.Errorf("%w: the jars of %s could not be fetched: %w\n%s", ErrNotInstalled, version, err, lastLines(out, 5))
	}
	return nil
}

// javaPath finds the Java that runs everything.
func javaPath() (string, error) {
	if home := os.Getenv("JAVA_HOME"); home != "" {
		if path, err := exec.LookPath(filepath.Join(home, "bin", "java")); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath("java")
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotInstalled, err)
	}
	return path, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// lastLines is the end of a program's output, for an error.
func lastLines(out []byte, n int) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
