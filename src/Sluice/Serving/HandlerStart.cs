using Sluice.Scheduling;

namespace Sluice.Serving;

/// <summary>
/// Starts a connection's handler where its continuations run, in the execution context of <see cref="Server.Context"/>. The accepting goes on at
/// the same time.
/// </summary>
internal sealed class HandlerStart(Server server, Connection connection, Admission.Ticket? ticket, bool turnsAway) : IRunnable
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

    private void RunHandler() => _ = server.RunHandlerAsync(connection, ticket, turnsAway);

    // The caller has suppressed the flow of its context: the mark is set for each handler anew.
    private async Task RunMarkedAsync()
    {
        HandlerScope.Enter(server);
        await server.RunHandlerAsync(connection, ticket, turnsAway).ConfigureAwait(false);
    }
}
