package cluster

// Account is a user of brokers with ACL 2.0 (User.java, Acl.java). Nothing here holds a
// password.
type Account struct {
	Name string
	// Super may do everything, whatever its rights say.
	Super bool
	// Disabled ones are refused.
	Disabled bool
	Rights   []Right
	// Brokers are those that know it, sorted.
	Brokers []string
}

// Right is what an account may do, or not (PolicyEntry.java).
type Right struct {
	// Default says that it counts where no other does.
	Default bool
	// Resource is such as Topic:T, Group:* or Cluster:*.
	Resource string
	// Actions are such as Pub, Sub and Get.
	Actions []string
	// From are the addresses for which it counts; none are all.
	From []string
	// Denied says that it is refused.
	Denied bool
}
