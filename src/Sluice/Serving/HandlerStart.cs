using Sluice.Scheduling;

namespace Sluice.Serving;

/// <summary>
/// Starts the handler of a connection on the connection's scheduler, in the execution context of <see cref="Server.Context"/>. The accept loop does not
/// wait for it.
/// </summary>
internal sealed class HandlerStart(Server server, Connection connection, Admission.Lease? lease, bool rejects) : IRunnable
{
    public void Schedule() => connection.Socket.Scheduler.Schedule(this);

    public void Run()
    {
        if (server.Context is { } context)
        {
            ExecutionContext.Run(context, static start => ((HandlerStart)start!).RunHandler(), this);
        }
        else
        {
            _ = RunMarkedAsync();
        }
    }

    void IThreadPoolWorkItem.Execute() => connection.Socket.Scheduler.RunOnPoolThread(this);

    private void RunHandler() => _ = server.RunHandlerAsync(connection, lease, rejects);

    // The caller of ServeAsync has suppressed the flow of its context, so each handler enters a scope of its own.
    private async Task RunMarkedAsync()
    {
        HandlerScope.Enter(server);
        await server.RunHandlerAsync(connection, lease, rejects).ConfigureAwait(false);
    }
}
