package insight

import (
	"context"
	"fmt"

	"gantry/client/cluster"
	"gantry/client/fault"
)

// Accounts lists who may sign in at the brokers, and what each may do, see
// admin.Client.Accounts. Nothing of it is a secret. fault.NotOffered where no broker tells, as
// before 5.3, and at a proxy.
func (a *Asker) Accounts(ctx context.Context) ([]cluster.Account, cluster.Missing, error) {
	l, err := a.brokers(ctx)
	if err != nil {
		return nil, nil, err
	}
	if !l.listed {
		return nil, nil, fmt.Errorf("accounts: %w", fault.NotOffered)
	}
	return a.admin.Accounts(ctx, l.all)
}

// AccountFiles says when brokers of 4.x last read the files of their accounts, see
// admin.Client.AccountFiles.
func (a *Asker) AccountFiles(ctx context.Context) ([]cluster.AccountFile, cluster.Missing, error) {
	l, err := a.brokers(ctx)
	if err != nil {
		return nil, nil, err
	}
	if !l.listed {
		return nil, nil, fmt.Errorf("accounts: %w", fault.NotOffered)
	}
	return a.admin.AccountFiles(ctx, l.all)
}
