// Command up runs a real RocketMQ on the loopback until Ctrl+C:
//
//	go run ./client/testcluster/up [version] [acl] [tls] [mtls] [proxy] [slave] [brokers=N] [dir=FOLDER] [key=value ...]
//
// The version is 5.5.0 (default), 5.3.3 or 4.9.7; any other key=value is a line
// of broker.conf. It owns the cluster: nothing of it outlives the command.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"gantry/client/testcluster"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "up:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, words []string) error {
	opts, err := parse(words)
	if err != nil {
		return err
	}
	opts.Log, opts.FullSpeed = os.Stderr, true
	c, err := testcluster.Start(ctx, opts)
	if err != nil {
		return err
	}
	explain(c, opts)
	<-ctx.Done()
	fmt.Fprintln(os.Stderr, "stopping")
	return c.Stop()
}

func parse(words []string) (testcluster.Options, error) {
	o := testcluster.Options{Config: make(map[string]string)}
	for _, w := range words {
		key, value, assigned := strings.Cut(w, "=")
		switch {
		case w == "acl":
			o.ACL = true
		case w == "tls":
			o.TLS = true
		case w == "mtls":
			o.ClientCertificates = true
		case w == "proxy":
			o.Proxy = true
		case w == "slave":
			o.Slave = true
		case key == "brokers" && assigned:
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 {
				return o, fmt.Errorf("brokers=%s: not a number of brokers", value)
			}
			o.Brokers = n
		case key == "dir" && assigned:
			o.Dir = value
		case assigned:
			o.Config[key] = value
		case strings.Count(w, ".") == 2:
			o.Version = w
		default:
			return o, errors.New("unknown word " + strconv.Quote(w))
		}
	}
	return o, nil
}

func explain(c *testcluster.Cluster, o testcluster.Options) {
	fmt.Printf("\nRocketMQ %s runs. In Gantry, add a profile with\n  name server  %s\n", c.Version(), c.NameServer())
	if o.Proxy {
		fmt.Printf("  or           %s   (the proxy, which answers few questions, as TDMQ does)\n", c.Proxy())
	}
	if o.ACL {
		admin, user := testcluster.Admin(), testcluster.User()
		fmt.Printf("  user         %s / %s (everything)\n  or           %s / %s (not topic %s)\n",
			admin.AccessKey, admin.SecretKey, user.AccessKey, user.SecretKey, testcluster.DeniedTopic)
	}
	if o.TLS || o.ClientCertificates {
		fmt.Printf("  TLS on       (certificates in %s/tls)\n", c.Dir())
	}
	fmt.Printf("Logs and stores: %s\nCtrl+C stops it.\n", c.Dir())
}
