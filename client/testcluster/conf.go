package testcluster

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gantry/client/remoting"
)

// writeConf writes every file that the parts and mqadmin read.
func (c *Cluster) writeConf() error {
	files := map[string]string{
		"namesrv.conf": fmt.Sprintf("listenPort=%d\nbindAddress=127.0.0.1\n", c.base),
		"proxy.conf":   c.proxyConf(),
	}
	for i, part := range c.opts.brokers() {
		files[part+".conf"] = lines(c.brokerConf(i, part))
	}
	if c.opts.Slave {
		files[SlavePart+".conf"] = lines(c.slaveConf())
	}
	for _, name := range []string{"namesrv", "broker", "tools"} { // 4.9 demands these
		files["conf/logback_"+name+".xml"] = fmt.Sprintf(`<configuration><appender name="o" class="ch.qos.logback.core.FileAppender"><file>%s</file>`+
			`<encoder><pattern>%%d %%-5level %%msg%%n</pattern></encoder></appender><root level="WARN"><appender-ref ref="o"/></root></configuration>`,
			filepath.Join(c.dir, name+".log"))
	}
	if c.opts.ACL {
		admin := Admin()
		files["conf/tools.yml"] = fmt.Sprintf("accessKey: %s\nsecretKey: %s\n", admin.AccessKey, admin.SecretKey)
		c.users = []remoting.Credentials{User()}
		files["conf/plain_acl.yml"] = plainACL(c.users)
	}
	for name, text := range files {
		path := filepath.Join(c.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// brokerConf is the broker.conf of broker i: small files, so that a start is
// quick, and everything created on demand.
func (c *Cluster) brokerConf(i int, part string) map[string]string {
	conf := map[string]string{
		"brokerClusterName": ClusterName, "brokerName": brokerName(i), "brokerId": "0",
		"brokerRole": "ASYNC_MASTER", "flushDiskType": "ASYNC_FLUSH",
		"brokerIP1": "127.0.0.1", "bindAddress": "127.0.0.1",
		"brokerIP2":  "127.0.0.1", // for replicas
		"listenPort": fmt.Sprint(c.brokerPort(i)), "namesrvAddr": c.NameServer(),
		// 10 s is the least; a broker that starts before the name server, or
		// outlives it, is known again after that
		"registerNameServerPeriod": "10000",
		// a machine that is busy with tests is no reason to refuse messages
		"waitTimeMillsInSendQueue": "5000", "osPageCacheBusyTimeOutMills": "5000",
		"mappedFileSizeCommitLog": "67108864", "mappedFileSizeConsumeQueue": "600000",
		"maxIndexNum": "50000", "maxHashSlotNum": "10000",
		"autoCreateTopicEnable": "true", "autoCreateSubscriptionGroup": "true",
		"enablePropertyFilter": "true", "traceTopicEnable": "true", "diskMaxUsedSpaceRatio": "95",
		"messageDelayLevel":  "1s 2s 3s 4s 5s 6s 7s 8s 9s 10s 11s 12s 13s 14s 15s 16s 17s 18s",
		"transactionTimeOut": "3000", "transactionCheckInterval": "3000",
		// 5.x spins at its start until this has passed (TransactionMetricsFlushService.java)
		"transactionMetricFlushInterval": "1000",
	}
	if c.opts.ACL {
		maps.Copy(conf, aclConf(c.opts))
	}
	maps.Copy(conf, c.store("store"+strings.TrimPrefix(part, BrokerPart)))
	maps.Copy(conf, c.opts.Config)
	return conf
}

// slaveConf is the broker.conf of the first broker's slave.
func (c *Cluster) slaveConf() map[string]string {
	conf := c.brokerConf(0, BrokerPart)
	maps.Copy(conf, c.store("store-slave"))
	conf["brokerId"], conf["brokerRole"] = fmt.Sprint(slaveID), "SLAVE"
	conf["listenPort"] = fmt.Sprint(c.base + slavePort)
	return conf
}

// store are the settings that put a store into the cluster's folder.
func (c *Cluster) store(name string) map[string]string {
	dir := filepath.ToSlash(filepath.Join(c.dir, name))
	return map[string]string{"storePathRootDir": dir, "storePathCommitLog": dir + "/commitlog"}
}

func lines(conf map[string]string) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(conf)) {
		fmt.Fprintf(&b, "%s=%s\n", key, conf[key])
	}
	return b.String()
}

func (c *Cluster) proxyConf() string {
	conf := map[string]any{
		"rocketMQClusterName": ClusterName, "namesrvAddr": c.NameServer(), "proxyMode": "CLUSTER",
		"localServeAddr": "127.0.0.1", "remotingAccessAddr": "127.0.0.1",
		"remotingListenPort": c.base + proxyPort, "grpcServerPort": c.base + proxyGRPC,
	}
	if c.opts.ACL {
		// It checks accounts itself, asks the brokers for them, and signs what it
		// asks with an account of its own (DefaultMessagingProcessor.java).
		for key, value := range authentication("org.apache.rocketmq.proxy.auth.Proxy") {
			conf[key] = value
		}
		conf["authenticationEnabled"], conf["authorizationEnabled"] = true, true
		conf["enableAclRpcHookForClusterMode"] = true
	}
	b, err := json.Marshal(conf)
	if err != nil {
		panic(err) // a map of strings, numbers and switches
	}
	return string(b)
}

// aclConf turns account checks on: ACL 1.0 in 4.x, ACL 2.0 from 5.3 on
// (AuthConfig.java).
func aclConf(o Options) map[string]string {
	if o.old() {
		return map[string]string{"aclEnable": "true"}
	}
	conf := authentication("org.apache.rocketmq.auth.%s.provider.Local")
	admin := Admin()
	conf["initAuthenticationUser"] = fmt.Sprintf(`{"username":%q,"password":%q}`, admin.AccessKey, admin.SecretKey)
	return conf
}

// authentication are the settings of ACL 2.0 that brokers and the proxy have in
// common. metadata begins the names of the classes that know the accounts; %s
// stands for the part of ACL.
func authentication(metadata string) map[string]string {
	admin := Admin()
	const auth = "org.apache.rocketmq.auth."
	provider := func(part, class string) string {
		return strings.ReplaceAll(metadata, "%s", part) + class + "MetadataProvider"
	}
	return map[string]string{
		"authenticationEnabled": "true", "authorizationEnabled": "true",
		"authenticationProvider":               auth + "authentication.provider.DefaultAuthenticationProvider",
		"authenticationMetadataProvider":       provider("authentication", "Authentication"),
		"authorizationProvider":                auth + "authorization.provider.DefaultAuthorizationProvider",
		"authorizationMetadataProvider":        provider("authorization", "Authorization"),
		"innerClientAuthenticationCredentials": fmt.Sprintf(`{"accessKey":%q,"secretKey":%q}`, admin.AccessKey, admin.SecretKey),
	}
}
