namespace Sluice.Testing.Scheduling;

/// <summary>The synchronization context of the code of a domain: what it awaits continues in the simulation. It finds waits that block the thread.</summary>
internal sealed class DomainContext : SynchronizationContext
{
    private readonly Domain _domain;

    public DomainContext(Domain domain)
    {
        _domain = domain;
        SetWaitNotificationRequired();
    }

    public override void Post(SendOrPostCallback d, object? state) => _domain.Loop.Add(new WorkItem(WorkKind.Posted, _domain, d, state));

    public override void Send(SendOrPostCallback d, object? state)
    {
        ArgumentNullException.ThrowIfNull(d);
        if (!_domain.Loop.IsOnThread)
        {
            throw _domain.Loop.ReportEscape($"code of '{_domain.Name}' was sent to the simulation by another thread");
        }

        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;

    public override int Wait(IntPtr[] waitHandles, bool waitAll, int millisecondsTimeout)
    {
        // A lock that a thread outside of the simulation holds, such as one of an array pool, is free again by then.
        int patience = (int)Math.Min(_domain.Loop.Patience.TotalMilliseconds, int.MaxValue);
        int most = millisecondsTimeout < 0 ? patience : Math.Min(millisecondsTimeout, patience);
        int result = WaitHelper(waitHandles, waitAll, most);
        return result != WaitHandle.WaitTimeout || millisecondsTimeout == 0
            ? result
            : throw _domain.Loop.ReportEscape($"code of '{_domain.Name}' blocked the thread of the simulation, on which everything runs; await instead");
    }
}
